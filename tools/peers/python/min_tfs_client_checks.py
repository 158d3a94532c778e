"""min_tfs_client_checks.py GRPC_HOST:PORT: the small client of TensorFlow Serving, on the model "ads". Says a check a line, as JSON."""
import sys

import numpy as np
from min_tfs_client.requests import TensorServingClient
from min_tfs_client.tensors import tensor_proto_to_ndarray

from checks import check

HOST, PORT = sys.argv[1].split(":")


@check("predicts, by name and by version")
def _():
    client = TensorServingClient(HOST, int(PORT))
    rows = {"text_0": np.array(["a", "b"]), "number_1": np.array([0.25, 0.5])}
    scores = tensor_proto_to_ndarray(client.predict_request("ads", rows).outputs["score"])
    assert scores.shape == (2,) and ((scores > 0) & (scores < 1)).all(), scores
    again = tensor_proto_to_ndarray(client.predict_request("ads", rows, model_version=1).outputs["score"])
    np.testing.assert_array_equal(scores, again)
