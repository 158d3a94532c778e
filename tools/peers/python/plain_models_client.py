"""plain_models_client.py GRPC_HOST:PORT REST_HOST:PORT: models of a folder, which know nothing of clicks, asked by tritonclient.

"sum" adds a and b, INT64 [-1, 2]; "text" gives its BYTES [-1] back; "any" negates FP64 of any shape. Says a check a line, as JSON.
"""
import sys

import numpy as np
import tritonclient.grpc as triton_grpc
import tritonclient.http as triton_http
from tritonclient.utils import InferenceServerException

from checks import check

BIG = 2**53 + 1


def asked(library, client, model, datatypes, arrays, **options):
    inputs = []
    for name, array in arrays.items():
        one = library.InferInput(name, list(array.shape), datatypes)
        one.set_data_from_numpy(array)
        inputs.append(one)
    return client.infer(model, inputs, **options)


def common(transport, client, library):
    on = lambda name: check(f"{name} over {transport}")

    @on("adds 64-bit integers exactly")
    def _():
        a, b = np.array([[BIG, -BIG], [1, 2**62]]), np.array([[1, 0], [0, 2**62 - 1]])
        answer = asked(library, client, "sum", "INT64", {"a": a, "b": b})
        np.testing.assert_array_equal(answer.as_numpy("sum"), a + b)

    @on("gives texts back")
    def _():
        texts = np.array(["höhe".encode(), b"", b"x" * 100_000], dtype=np.object_)
        assert list(asked(library, client, "text", "BYTES", {"in": texts}).as_numpy("out")) == list(texts)

    @on("answers in the shape of what it was given")
    def _():
        for shape in [(), (3,), (2, 0), (1, 2, 3)]:
            given = np.full(shape, 1.5)
            got = asked(library, client, "any", "FP64", {"in": given}).as_numpy("out")
            np.testing.assert_array_equal(got.reshape(shape), -given)

    @on("refuses what it does not take")
    def _():
        one = np.array([[1, 2]])
        for model, datatype, arrays, word in [
            ("sum", "INT64", {"a": one}, "missing required input(s) ['b']"),
            ("sum", "INT64", {"a": one, "b": np.array([1, 2])}, "unexpected shape for input 'b'"),
            ("sum", "INT64", {"a": one, "b": one, "c": one}, "unexpected inference input 'c'"),
            ("text", "BYTES", {"in": np.array([b"\xff"], dtype=np.object_)}, "no UTF-8"),
        ]:
            try:
                asked(library, client, model, datatype, arrays)
            except InferenceServerException as error:
                assert word in str(error), str(error)
            else:
                raise AssertionError(f"{model} took {arrays}")

    @on("is told what a model takes")
    def _():
        metadata = client.get_model_metadata("sum")
        told = metadata if isinstance(metadata, dict) else None
        inputs = told["inputs"] if told else [
            {"name": one.name, "datatype": one.datatype, "shape": list(one.shape)} for one in metadata.inputs
        ]
        shapes = [(one["name"], one["datatype"], [int(size) for size in one["shape"]]) for one in inputs]
        assert shapes == [("a", "INT64", [-1, 2]), ("b", "INT64", [-1, 2])], shapes

    @on("unloads a model, and loads it again")
    def _():
        client.unload_model("any")
        assert not client.is_model_ready("any")
        client.load_model("any")
        assert client.is_model_ready("any")


common("gRPC", triton_grpc.InferenceServerClient(sys.argv[1]), triton_grpc)
common("REST", triton_http.InferenceServerClient(sys.argv[2]), triton_http)
