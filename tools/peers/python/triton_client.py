"""Drives a server with tritonclient, unmodified: python triton_client.py GRPC_HOST:PORT REST_HOST:PORT

Each check is a line of JSON: {"check": ...}, with "wrong" where something is. The model "ads" answers sigmoid(-3), whatever its inputs are.
"""

import math
import queue
import sys

import numpy as np
import tritonclient.grpc as triton_grpc
import tritonclient.http as triton_http
from tritonclient.utils import InferenceServerException

from checks import check

MODEL = "ads"
SCORE = 1 / (1 + math.exp(3))


def close(scores, rows):
    np.testing.assert_allclose(scores, np.full(rows, SCORE), atol=1e-6)


def refused(call, *words):
    try:
        call()
    except InferenceServerException as error:
        text = str(error)
        assert all(word in text for word in words), text
        return
    raise AssertionError("it was not refused")


def inputs(library, rows=2, binary=None):
    """A text column and a number column, [rows] and [rows, 1]."""
    site = library.InferInput("site", [rows], "BYTES")
    price = library.InferInput("price", [rows, 1], "FP64")
    how = {} if binary is None else {"binary_data": binary}
    site.set_data_from_numpy(np.array([b"news"] * rows, dtype=np.object_), **how)
    price.set_data_from_numpy(np.linspace(1, 2, rows).reshape(rows, 1), **how)
    return [site, price]


def common(transport, client, library):
    """What both transports have, each called as its documentation says."""
    on = lambda name: check(f"{name} over {transport}")

    @on("tells what lives and is ready")
    def _():
        assert client.is_server_live() and client.is_server_ready()
        assert client.is_model_ready(MODEL) and client.is_model_ready(MODEL, "1")
        assert not client.is_model_ready("bids") and not client.is_model_ready(MODEL, "77")

    @on("answers a request")
    def _():
        result = client.infer(MODEL, inputs(library), request_id="a")
        close(result.as_numpy("score"), 2)
        assert result.as_numpy("score").dtype == np.float32

    @on("answers a version, a timeout and parameters")
    def _():
        result = client.infer(
            MODEL, inputs(library), model_version="1", timeout=60_000_000, priority=1, parameters={"mine": "yes"}
        )
        close(result.as_numpy("score"), 2)

    @on("answers the outputs that are asked for, in 3,000 rows")
    def _():
        outputs = [library.InferRequestedOutput("prediction_id"), library.InferRequestedOutput("score")]
        result = client.infer(MODEL, inputs(library, 3000), outputs=outputs)
        close(result.as_numpy("score"), 3000)
        ids = result.as_numpy("prediction_id")
        assert ids.shape == (3000,) and len(set(ids)) == 3000

    @on("takes prediction ids")
    def _():
        ids = library.InferInput("prediction_id", [2], "BYTES")
        ids.set_data_from_numpy(np.array([b"t-1", "é".encode()], dtype=np.object_))
        result = client.infer(
            MODEL, inputs(library) + [ids], outputs=[library.InferRequestedOutput("prediction_id")]
        )
        assert [one.decode() for one in result.as_numpy("prediction_id")] == ["t-1", "é"]

    @on("takes half floats and missing numbers")
    def _():
        half = library.InferInput("price", [3], "FP16")
        half.set_data_from_numpy(np.array([1.5, np.nan, -2], dtype=np.float16))
        close(client.infer(MODEL, [half]).as_numpy("score"), 3)

    @on("refuses what is wrong")
    def _():
        refused(lambda: client.infer("bids", inputs(library)), "Request for unknown model: 'bids' is not found")
        refused(lambda: client.infer(MODEL, inputs(library), model_version="77"), "version 77 is not found")
        wrong = library.InferInput("price", [1], "BYTES")
        wrong.set_data_from_numpy(np.array([b"1"], dtype=np.object_))
        refused(
            lambda: client.infer(MODEL, [wrong], request_id="r9"),
            "[request id: r9] inference input 'price' data-type is 'BYTES', but model 'ads' expects 'FP64'",
        )
        wide = library.InferInput("price", [1, 2], "FP64")
        wide.set_data_from_numpy(np.zeros((1, 2)))
        refused(lambda: client.infer(MODEL, [wide]), "unexpected shape for input 'price' for model 'ads'")
        other = library.InferInput("prize", [1], "FP64")
        other.set_data_from_numpy(np.zeros(1))
        refused(lambda: client.infer(MODEL, [other]), "unexpected inference input 'prize' for model 'ads'")
        refused(
            lambda: client.infer(MODEL, inputs(library), outputs=[library.InferRequestedOutput("scores")]),
            "unexpected inference output 'scores'",
        )
        refused(
            lambda: client.infer(MODEL, inputs(library), outputs=[library.InferRequestedOutput("score", class_count=2)]),
            "classification",
        )

    @on("unloads and loads a model")
    def _():
        client.unload_model(MODEL)
        assert not client.is_model_ready(MODEL)
        refused(lambda: client.infer(MODEL, inputs(library)), "has no available versions")
        client.load_model(MODEL)
        assert client.is_model_ready(MODEL)
        close(client.infer(MODEL, inputs(library)).as_numpy("score"), 2)
        refused(lambda: client.load_model("bids"), "failed to load 'bids', failed to poll from model repository")
        refused(lambda: client.load_model(MODEL, config="{}"), "config")


def over_grpc(address):
    client = triton_grpc.InferenceServerClient(address)
    common("gRPC", client, triton_grpc)

    @check("reads metadata, configuration, index, statistics and settings over gRPC")
    def _():
        assert client.get_server_metadata().name == "adstocrat"
        metadata = client.get_model_metadata(MODEL)
        assert {one.name: (one.datatype, list(one.shape)) for one in metadata.inputs}["price"] == ("FP64", [-1, 1])
        assert client.get_model_metadata(MODEL, as_json=True)["name"] == MODEL
        assert client.get_model_config(MODEL).config.max_batch_size > 0
        (model,) = client.get_model_repository_index().models
        assert (model.name, model.state) == (MODEL, "READY")
        before = client.get_inference_statistics(MODEL).model_stats[0].inference_count
        client.infer(MODEL, inputs(triton_grpc, 5))
        assert client.get_inference_statistics(MODEL, "1").model_stats[0].inference_count == before + 5
        assert client.get_trace_settings().settings["trace_level"].value == ["OFF"]
        assert client.get_log_settings().settings["log_error"].bool_param
        refused(lambda: client.update_log_settings({"log_verbose_level": 1}), "log_verbose_level")
        refused(lambda: client.update_trace_settings(settings={"trace_level": ["TIMESTAMPS"]}), "trace_level")
        refused(lambda: client.get_model_metadata("bids"), "'bids' is not found")

    @check("compresses over gRPC")
    def _():
        for coding in ("gzip", "deflate"):
            close(client.infer(MODEL, inputs(triton_grpc), compression_algorithm=coding).as_numpy("score"), 2)

    @check("answers calls that are not waited for over gRPC")
    def _():
        answers = queue.Queue()
        for _ in range(20):
            client.async_infer(MODEL, inputs(triton_grpc), callback=lambda result, error: answers.put((result, error)))
        for _ in range(20):
            result, error = answers.get(timeout=30)
            assert error is None, error
            close(result.as_numpy("score"), 2)

    @check("keeps the order of a stream, and goes on after an error")
    def _():
        answers = queue.Queue()
        client.start_stream(callback=lambda result, error: answers.put((result, error)))
        for at in range(10):
            name = "bids" if at == 4 else MODEL
            client.async_stream_infer(
                name, inputs(triton_grpc), request_id=f"s{at}", enable_empty_final_response=at % 2 == 1
            )
        for at in range(10):
            result, error = answers.get(timeout=30)
            if at == 4:
                assert "'bids' is not found" in str(error)
            else:
                assert error is None, error
                assert result.get_response().id == f"s{at}"
                assert result.get_response().parameters["triton_final_response"].bool_param
                close(result.as_numpy("score"), 2)
        client.stop_stream()

    client.close()


def over_http(address):
    client = triton_http.InferenceServerClient(address, concurrency=4)
    common("HTTP", client, triton_http)

    @check("reads metadata, configuration, index, statistics and settings over HTTP")
    def _():
        assert client.get_server_metadata()["name"] == "adstocrat"
        metadata = client.get_model_metadata(MODEL, "1")
        assert {one["name"]: (one["datatype"], one["shape"]) for one in metadata["inputs"]}["site"] == ("BYTES", [-1, 1])
        assert client.get_model_config(MODEL)["max_batch_size"] > 0
        (model,) = client.get_model_repository_index()
        assert (model["name"], model["state"]) == (MODEL, "READY")
        before = client.get_inference_statistics(MODEL)["model_stats"][0]["inference_count"]
        client.infer(MODEL, inputs(triton_http, 5))
        assert client.get_inference_statistics()["model_stats"][0]["inference_count"] == before + 5
        assert client.get_trace_settings()["trace_level"] == "OFF"
        assert client.get_log_settings()["log_error"]
        refused(lambda: client.update_log_settings({"log_verbose_level": 1}), "log_verbose_level")
        refused(lambda: client.update_trace_settings(settings={"trace_level": ["TIMESTAMPS"]}), "trace_level")

    @check("compresses both ways, JSON and binary data, over HTTP")
    def _():
        for coding in (None, "gzip", "deflate"):
            for binary in (True, False):
                result = client.infer(
                    MODEL,
                    inputs(triton_http, binary=binary),
                    outputs=[triton_http.InferRequestedOutput("score", binary_data=binary)],
                    request_compression_algorithm=coding,
                    response_compression_algorithm=coding,
                )
                close(result.as_numpy("score"), 2)

    @check("answers calls that are not waited for over HTTP")
    def _():
        calls = [client.async_infer(MODEL, inputs(triton_http)) for _ in range(20)]
        for call in calls:
            close(call.get_result().as_numpy("score"), 2)

    @check("reads the static bodies that the client makes and parses")
    def _():
        body, json_size = triton_http.InferenceServerClient.generate_request_body(inputs(triton_http))
        assert json_size is None or json_size < len(body)

    client.close()


async def asynchronous(grpc_address, http_address):
    import tritonclient.grpc.aio as grpc_aio
    import tritonclient.http.aio as http_aio

    client = grpc_aio.InferenceServerClient(grpc_address)
    assert await client.is_server_ready()
    close((await client.infer(MODEL, inputs(triton_grpc))).as_numpy("score"), 2)

    async def requests():
        for at in range(5):
            yield {"model_name": MODEL, "inputs": inputs(triton_grpc), "request_id": f"q{at}"}

    seen = []
    async for result, error in client.stream_infer(requests()):
        assert error is None, error
        seen.append(result.get_response().id)
    assert seen == [f"q{at}" for at in range(5)], seen
    await client.close()
    client = http_aio.InferenceServerClient(http_address)
    assert await client.is_model_ready(MODEL)
    close((await client.infer(MODEL, inputs(triton_http))).as_numpy("score"), 2)
    await client.close()


if __name__ == "__main__":
    import asyncio

    grpc_address, http_address = sys.argv[1:]
    over_grpc(grpc_address)
    over_http(http_address)

    @check("answers the asyncio clients of both transports")
    def _():
        asyncio.run(asynchronous(grpc_address, http_address))
