"""TensorBoard's own reader on event files. Argument: the folder that TensorBoard is given."""

import math
import os
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from checks import check

runs = {
    os.path.relpath(folder, sys.argv[1]): EventAccumulator(folder)
    for folder, _, files in os.walk(sys.argv[1])
    if any("tfevents" in name for name in files)
}
for events in runs.values():
    events.Reload()


@check("finds a run for each model that was trained in steps")
def finds():
    assert len(runs) == 4, list(runs)


@check("reads losses and AUC, each a figure a look")
def reads():
    for name, events in runs.items():
        tags = events.Tags()["scalars"]
        assert sorted(tags) == ["auc/validation", "loss/train", "loss/validation"], (name, tags)
        looks = events.Scalars("loss/validation")
        assert len(looks) >= 2 and len(events.Scalars("loss/train")) == len(looks) - 1, (name, looks)
        assert all(math.isfinite(look.value) and 0 < look.value < 2 for look in looks), (name, looks)
        assert [look.step for look in looks] == sorted({look.step for look in looks}), (name, looks)


@check("finds no record damaged")
def whole():
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

    for folder, _, files in os.walk(sys.argv[1]):
        for name in files:
            path = os.path.join(folder, name)
            reader, end, records = PyRecordReader_New(path), os.path.getsize(path), 0
            try:
                while True:
                    reader.GetNext()
                    records += 1
            except Exception as error:
                assert type(error).__name__ == "OutOfRangeError", error
            assert records >= 3 and end > 100, (path, records)
