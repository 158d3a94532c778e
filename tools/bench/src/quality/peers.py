"""Scores of a data set's test rows by a constant, a logistic regression and LightGBM. Usage: peers.py PREFIX."""

import warnings

import lightgbm
import numpy
from peer_data import codes, floats, loss, number, numeric, test, train, train_labels, validation, validation_labels, width, write
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")
write("constant", numpy.full(len(test), max(train_labels.mean(), 1e-6)))

# One-hot: texts as they are, numbers in the training rows' sixteenths and standardized beside them.
edges = [numpy.nanquantile(column, numpy.linspace(0, 1, 17)[1:-1]) for column in floats(train).T]
scaler = StandardScaler().fit(numpy.nan_to_num(floats(train))) if any(numeric) else None


def categories(rows):
    texts = [[row[at] for at in range(width) if not numeric[at]] for row in rows]
    if scaler is None:
        return texts
    numbers = floats(rows)
    buckets = [
        numpy.where(numpy.isnan(column), -1, numpy.searchsorted(edge, column)).astype(int).astype(str)
        for edge, column in zip(edges, numbers.T)
    ]
    return [text + list(bucket) for text, bucket in zip(texts, zip(*buckets))]


encoder = OneHotEncoder(handle_unknown="ignore", min_frequency=2).fit(categories(train))


# Beside a text as a whole, its words, where most have several that come back: what anyone would do who has seen the column.
words = {}
for at in range(width):
    texts = [] if numeric[at] else sorted({row[at] for row in train})
    if len(texts) < 100 or sum(" " in text or "/" in text or "|" in text for text in texts) < len(texts) / 2:
        continue
    words[at] = CountVectorizer(binary=True, min_df=5).fit([row[at] for row in train])


def encoded(rows):
    hot = encoder.transform(categories(rows))
    if words:
        hot = hstack([hot, *(of.transform([row[at] for row in rows]) for at, of in words.items())]).tocsr()
    if scaler is None:
        return hot
    return hstack([hot, csr_matrix(scaler.transform(numpy.nan_to_num(floats(rows))))]).tocsr()


fitted = []
inputs, held = encoded(train), encoded(validation)
for strength in (0.003, 0.01, 0.03, 0.1, 0.3, 1):
    model = LogisticRegression(C=strength, max_iter=300).fit(inputs, train_labels)
    fitted.append((loss(model.predict_proba(held)[:, 1], validation_labels), strength, model))
write("logistic-regression", min(fitted, key=lambda one: one[:2])[2].predict_proba(encoded(test))[:, 1])


def coded(rows):
    return numpy.array(
        [[number(row[at]) if numeric[at] else codes[at].get(row[at], -1) for at in range(width)] for row in rows],
        dtype=float,
    )


categorical = [at for at in range(width) if not numeric[at]]
dataset = lightgbm.Dataset(coded(train), train_labels, categorical_feature=categorical)
trees = lightgbm.train(
    {"objective": "binary", "verbosity": -1, "num_threads": 2, "learning_rate": 0.05, "seed": 1},
    dataset,
    1000,
    valid_sets=[lightgbm.Dataset(coded(validation), validation_labels, reference=dataset)],
    callbacks=[lightgbm.early_stopping(50, verbose=False)],
)
write("lightgbm", trees.predict(coded(test)))
