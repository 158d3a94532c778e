"""Drives a server with the KServe SDK, unmodified: python kserve_client.py GRPC_HOST:PORT REST_HOST:PORT

The model "ads" answers sigmoid(-3), whatever its inputs are. Its is_model_ready by V1 is not asked: it looks for a field of its own
in the status, where TensorFlow Serving has none.
"""

import asyncio
import math
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig

from checks import check

MODEL = "ads"
SCORE = 1 / (1 + math.exp(3))
grpc_address, rest_address = sys.argv[1:]
base_url = f"http://{rest_address}"


def request(binary):
    """A text column and a number column of two rows."""
    site = InferInput("site", [2], "BYTES")
    site.set_data_from_numpy(np.array([b"news", b"mail"], dtype=np.object_), binary_data=binary)
    price = InferInput("price", [2, 1], "FP64")
    price.set_data_from_numpy(np.array([[1.5], [2.5]]), binary_data=binary)
    return InferRequest(model_name=MODEL, infer_inputs=[site, price], request_id="a")


def assert_scores(values, rows=2):
    np.testing.assert_allclose(np.asarray(values, dtype=np.float64).reshape(-1), np.full(rows, SCORE), atol=1e-6)


def on(name, client_of):
    """A check that is a coroutine over a client of its own."""

    def run(coroutine):
        async def whole():
            client = client_of()
            try:
                await coroutine(client)
            finally:
                await client.close()

        check(name)(lambda: asyncio.run(whole()))

    return run


def v1():
    return InferenceRESTClient(RESTConfig(protocol="v1", timeout=60))


def v2():
    return InferenceRESTClient(RESTConfig(protocol="v2", timeout=60))


def grpc():
    return InferenceGRPCClient(grpc_address, timeout=60)


@on("is answered by REST V1, as TensorFlow Serving speaks it", v1)
async def _(client):
    answer = await client.infer(base_url, {"instances": [{"site": "news", "price": 1.5}]}, model_name=MODEL)
    [row] = answer["predictions"]
    assert_scores([row["score"] if isinstance(row, dict) else row], 1)


@on("is told by REST V2 what lives and is ready", v2)
async def _(client):
    assert await client.is_server_live(base_url) and await client.is_server_ready(base_url)
    assert await client.is_model_ready(base_url, MODEL) and not await client.is_model_ready(base_url, "bids")


for binary in (False, True):

    @on(f"is answered by REST V2, {'binary' if binary else 'as JSON'}", v2)
    async def _(client):
        answer = await client.infer(base_url, request(binary), model_name=MODEL)
        assert answer.id == "a", answer.id
        [score] = [one for one in answer.outputs if one.name == "score"]
        assert_scores(score.as_numpy())


@on("is told by gRPC what lives and is ready", grpc)
async def _(client):
    assert await client.is_server_live() and await client.is_server_ready()
    assert await client.is_model_ready(MODEL)


@on("is answered by gRPC", grpc)
async def _(client):
    answer = await client.infer(request(True))
    [score] = [one for one in answer.outputs if one.name == "score"]
    assert_scores(score.as_numpy())


@on("hears by gRPC that there is no such model", grpc)
async def _(client):
    wrong = request(True)
    wrong.model_name = "bids"
    try:
        await client.infer(wrong)
    except Exception as error:
        assert "NOT_FOUND" in repr(error), repr(error)
        return
    raise AssertionError("it was answered")
