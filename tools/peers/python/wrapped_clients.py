"""wrapped_clients.py GRPC_HOST:PORT REST_HOST:PORT: what others built on the V2 protocol, each unmodified, on the model "ads".

pytriton's and tritony's clients choose shapes and batches by the model's configuration, tritony sends a timeout of 30 (microseconds) with
each request. Says a check a line, as JSON.
"""
import sys

import numpy as np
from open_inference.openapi import types
from open_inference.openapi.client import OpenInferenceClient
from pytriton.client import FuturesModelClient, ModelClient
from tritony import InferenceClient

from checks import check

GRPC, REST = sys.argv[1], sys.argv[2]
ROWS = 5


def values(spec, rows):
    """Values for an input as the configuration has it, [rows, 1]."""
    if spec.dtype == np.bytes_:
        return np.array([[f"term_{row}".encode()] for row in range(rows)], dtype=np.object_)
    return np.arange(rows, dtype=spec.dtype).reshape(-1, 1) / rows


def features(config):
    return [spec for spec in config.inputs if spec.name not in ("prediction_id", "image_bytes")]


def expected():
    """By the plainest client of these."""
    with ModelClient(f"http://{REST}", "ads") as client:
        specs = features(client.model_config)
    inputs = [
        types.RequestInput(
            name=spec.name,
            datatype="BYTES" if spec.dtype == np.bytes_ else "FP64",
            shape=[ROWS, 1],
            data=[one.decode() if isinstance(one, bytes) else float(one) for one in values(spec, ROWS).ravel()],
        )
        for spec in specs
    ]
    answer = OpenInferenceClient(base_url=f"http://{REST}").model_infer("ads", request=types.InferenceRequest(inputs=inputs))
    [score] = [one for one in answer.outputs if one.name == "score"]
    return np.array(score.data.__root__, dtype=np.float32)


@check("open-inference-openapi 2.0: live, ready, metadata, infer")
def _():
    client = OpenInferenceClient(base_url=f"http://{REST}")
    client.check_server_liveness()
    client.check_server_readiness()
    client.check_model_readiness("ads")
    assert client.read_model_metadata("ads").name == "ads"
    scores = expected()
    assert scores.shape == (ROWS,) and ((scores > 0) & (scores < 1)).all() and len(set(scores)) > 1, scores


for url in (f"grpc://{GRPC}", f"http://{REST}"):

    @check(f"pytriton's ModelClient scores a batch and a sample by {url.split(':')[0]}")
    def _():
        with ModelClient(url, "ads") as client:
            assert client.is_batching_supported
            specs = features(client.model_config)
            batch = client.infer_batch(**{spec.name: values(spec, ROWS) for spec in specs})
            np.testing.assert_array_equal(batch["score"].ravel(), expected())
            sample = client.infer_sample(**{spec.name: values(spec, ROWS)[3] for spec in specs})
            np.testing.assert_array_equal(sample["score"], expected()[3])


@check("pytriton's FuturesModelClient scores twenty batches at a time by http")
def _():
    with FuturesModelClient(f"http://{REST}", "ads") as client:
        specs = features(client.model_config().result())
        ask = lambda: client.infer_batch(**{spec.name: values(spec, ROWS) for spec in specs})
        for future in [ask() for _ in range(20)]:
            np.testing.assert_array_equal(future.result()["score"].ravel(), expected())


for protocol, address in (("grpc", GRPC), ("http", REST)):

    @check(f"tritony scores by {protocol} at its first try")
    def _():
        client = InferenceClient.create_with("ads", address, protocol=protocol)
        with ModelClient(f"http://{REST}", "ads") as other:
            names = {spec.name: spec for spec in features(other.model_config)}
        scores, _ids = client({name: values(spec, ROWS) for name, spec in names.items()})
        np.testing.assert_array_equal(np.asarray(scores).ravel(), expected())
