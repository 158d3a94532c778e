"""Scores of a data set's test rows by DCN-v2 as deepctr-torch has it. Usage: dcn.py PREFIX."""

import copy
import warnings

import numpy
import torch
from deepctr_torch.inputs import DenseFeat, SparseFeat
from deepctr_torch.models import DCN
from peer_data import codes, floats, loss, numeric, test, train, train_labels, validation, validation_labels, width, write
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
torch.set_num_threads(2)
units, most_epochs, patience = 16, 12, 3

scaler = StandardScaler().fit(floats(train)) if any(numeric) else None
columns = [SparseFeat(f"column{at}", 1 + len(codes[at]), embedding_dim=units) for at in range(width) if codes[at]]
columns += [DenseFeat(f"column{at}", 1) for at in range(width) if numeric[at]]


def inputs(rows):
    # 0: a value that no training row has.
    own = {f"column{at}": numpy.array([1 + codes[at].get(row[at], -1) for row in rows]) for at in range(width) if codes[at]}
    if scaler is None:
        return own
    numbers = numpy.nan_to_num(scaler.transform(floats(rows)))
    places = [at for at in range(width) if numeric[at]]
    return {**own, **{f"column{at}": numbers[:, place] for place, at in enumerate(places)}}


learned, held, scored = inputs(train), inputs(validation), inputs(test)


def fit(l2, dropout):
    """The epoch with the lowest log-loss on validation rows: that and the scores."""
    torch.manual_seed(1)
    model = DCN(
        columns, columns, cross_num=2, cross_parameterization="matrix", l2_reg_embedding=l2, dnn_dropout=dropout
    )
    model.compile(torch.optim.Adam(model.parameters(), lr=1e-3), "binary_crossentropy")
    best, since = (numpy.inf, None), 0
    for _ in range(most_epochs):
        model.fit(learned, train_labels, batch_size=512, epochs=1, verbose=0)
        now = loss(model.predict(held, 4096)[:, 0], validation_labels)
        best, since = ((now, copy.deepcopy(model.state_dict())), 0) if now < best[0] else (best, since + 1)
        if since == patience:
            break
    model.load_state_dict(best[1])
    return best[0], model.predict(scored, 4096)[:, 0]


fits = [fit(l2, dropout) for l2, dropout in ((1e-5, 0), (1e-4, 0.2), (1e-3, 0.2))]
write("dcn-v2", min(fits, key=lambda one: one[0])[1])
