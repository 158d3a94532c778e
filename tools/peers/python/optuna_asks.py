"""Optuna as an ask-and-tell server: a line with a space, a seed and a number of trials begins a study; then it says a point a line and reads its loss."""

import json
import sys
import warnings

import optuna

warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
optuna.logging.set_verbosity(optuna.logging.ERROR)


def drawn(trial, space):
    point = {}
    for parameter in space:
        name, when = parameter["name"], parameter.get("when")
        if when is not None and point.get(when["parameter"]) not in when["is"]:
            continue
        if "choices" in parameter:
            point[name] = trial.suggest_categorical(name, parameter["choices"])
        elif parameter.get("whole"):
            point[name] = trial.suggest_int(name, parameter["from"], parameter["to"], log=parameter["scale"] == "log")
        else:
            point[name] = trial.suggest_float(name, parameter["from"], parameter["to"], log=parameter["scale"] == "log")
    return point


for line in sys.stdin:
    asked = json.loads(line)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=asked["seed"], multivariate=True, group=True)
    )
    for _ in range(asked["trials"]):
        trial = study.ask()
        print(json.dumps(drawn(trial, asked["space"])), flush=True)
        study.tell(trial, float(sys.stdin.readline()))
