# Writes sklearn-metrics.json from tfma-input.csv.gz. pip install scikit-learn==1.9.1 MLstatkit==0.1.91 confidenceinterval==1.0.5 pandas
import json, platform, importlib.metadata as meta, pathlib
import numpy as np, pandas as pd
from sklearn.metrics import roc_auc_score, log_loss, brier_score_loss, average_precision_score
from MLstatkit import Delong_test
import confidenceinterval
from scipy.stats import norm

here = pathlib.Path(__file__).parent
d = pd.read_csv(here / 'tfma-input.csv.gz')
y, p = d.label.to_numpy(), d.prediction.to_numpy()
row = np.arange(len(d))
w = (row % 7 + 1).astype(float)
r2 = np.round(p, 1)                                  # ties: eleven distinct scores
other = np.where(row % 3 == 0, 1 - p, p) * .5 + .25  # a worse model, correlated with the first

def four(y, p, w=None):
    return dict(auc=roc_auc_score(y, p, sample_weight=w), logLoss=log_loss(y, np.clip(p, 1e-7, 1 - 1e-7), sample_weight=w),
                brier=brier_score_loss(y, p, sample_weight=w), averagePrecision=average_precision_score(y, p, sample_weight=w))

def ece_width(y, p, bins=10):                        # no package in the list has it: the definition, by numpy
    b = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs(p[b == k].mean() - y[b == k].mean()) * (b == k).mean() for k in range(bins) if (b == k).any()))

def delong_by_definition(y, scores, n):              # all pairs, O(mn), on the first n rows
    y = y[:n]
    out = []
    for s in scores:
        pos, neg = s[:n][y == 1], s[:n][y == 0]
        k = (pos[:, None] > neg[None, :]) + .5 * (pos[:, None] == neg[None, :])
        out.append((k.mean(), k.mean(1), k.mean(0)))
    (a, a10, a01), (b, b10, b01) = out
    c10, c01 = np.cov(a10, b10), np.cov(a01, b01)
    v = c10 / len(a10) + c01 / len(a01)
    se = float(np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1])); z = norm.ppf(.975)
    return dict(auc=float(a), aucStandardError=float(np.sqrt(v[0, 0])), difference=float(a - b), standardError=se, low=float(a - b - z * se), high=float(a - b + z * se))

z, pv, *_ = Delong_test(y, p, other)
auc, (lo, hi) = confidenceinterval.roc_auc_score(y.astype(bool), p, confidence_level=.95)
out = dict(
    packages={k: meta.version(k) for k in ['scikit-learn', 'MLstatkit', 'confidenceinterval', 'numpy', 'pandas', 'scipy']}, python=platform.python_version(),
    plain=four(y, p), weighted=four(y, p, w), tied=four(y, r2), device={k: four(g.label.to_numpy(), g.prediction.to_numpy()) for k, g in d.groupby('device')},
    expectedCalibrationError=dict(width=ece_width(y, p)),
    delong=dict(first2000=delong_by_definition(y, [p, other], 2000), first2000Tied=delong_by_definition(y, [r2, np.round(other, 1)], 2000),
                mlstatkit=dict(z=float(z), p=float(pv)), confidenceinterval=dict(auc=float(auc), low=float(lo), high=float(hi))),
    normalQuantile={str(q): float(norm.ppf(q)) for q in [1e-6, .01, .025, .2, .5, .9, .975, .9999]})
json.dump(out, open(here / 'sklearn-metrics.json', 'w'), indent=1)
