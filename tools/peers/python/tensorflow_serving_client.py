"""tensorflow_serving_client.py IMAGE GRPC_ADDRESS: TensorFlow Serving's calls by grpcio, with messages made of the original
descriptor image. Says a check a line, as JSON."""
import sys

import grpc
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2  # noqa: F401

from checks import check

image, address = sys.argv[1:]
pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(open(image, 'rb').read()).file:
    pool.Add(file)
channel = grpc.insecure_channel(address)


def message(name):
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def call(service, method, **fields):
    found = pool.FindServiceByName(f'tensorflow.serving.{service}').methods_by_name[method]
    request = message_factory.GetMessageClass(found.input_type)(**fields)
    answer = message_factory.GetMessageClass(found.output_type)
    path = f'/tensorflow.serving.{service}/{method}'
    return channel.unary_unary(path, request_serializer=lambda m: m.SerializeToString(), response_deserializer=answer.FromString)(
        request, timeout=30)


def predict(method, **fields):
    return call('PredictionService', method, **fields)


def spec(**fields):
    return {'name': 'ads', **fields}


def tensor(**fields):
    values = next(len(v) for k, v in fields.items() if k.endswith('_val'))
    return {'tensor_shape': {'dim': [{'size': values}]}, **fields}


def example(price):
    return {'features': {'feature': {'price': {'float_list': {'value': [price]}}}}}


examples = {'example_list': {'examples': [example(10.0), example(8.0)]}}


def predicts():
    price = tensor(dtype=1, float_val=[10.0, 8.0])
    answer = predict('Predict', model_spec=spec(), inputs={'price': price})
    scores = answer.outputs['score'].float_val
    assert len(scores) == 2 and all(0 < s < 1 for s in scores), scores
    assert answer.model_spec.version.value > 0 and answer.model_spec.signature_name == 'serving_default', answer.model_spec
    return list(scores)


def predicts_content():
    import struct
    content = {'dtype': 2, 'tensor_shape': {'dim': [{'size': 2}]}, 'tensor_content': struct.pack('<2d', 10.0, 8.0)}
    answer = predict('Predict', model_spec=spec(), inputs={'price': content})
    assert list(answer.outputs['score'].float_val) == predicts()


def predicts_exact_integers():
    user = tensor(dtype=9, int64_val=[9007199254740993, -(2**63)])
    assert len(predict('Predict', model_spec=spec(), inputs={'user': user}).outputs['score'].float_val) == 2


def classifies():
    scores = predicts()
    answer = predict('Classify', model_spec=spec(), input=examples)
    rows = answer.result.classifications
    assert [[c.label for c in row.classes] for row in rows] == [['0', '1']] * 2, rows
    assert [row.classes[1].score for row in rows] == scores


def regresses():
    answer = predict('Regress', model_spec=spec(), input=examples)
    assert [one.value for one in answer.result.regressions] == predicts()


def infers_several():
    tasks = [{'model_spec': spec(signature_name=name), 'method_name': f'tensorflow/serving/{method}'}
             for name, method in (('regression', 'regress'), ('classification', 'classify'))]
    results = predict('MultiInference', tasks=tasks, input=examples).results
    assert [one.WhichOneof('result') for one in results] == ['regression_result', 'classification_result']


def tells_metadata():
    answer = predict('GetModelMetadata', model_spec=spec(), metadata_field=['signature_def'])
    signatures = message('tensorflow.serving.SignatureDefMap')()
    any_ = answer.metadata['signature_def']
    assert any_.type_url.endswith('/tensorflow.serving.SignatureDefMap'), any_.type_url
    signatures.ParseFromString(any_.value)
    assert signatures.signature_def['serving_default'].inputs['price'].dtype == 1


def tells_status():
    answer = call('ModelService', 'GetModelStatus', model_spec=spec())
    assert [one.state for one in answer.model_version_status] == [30], answer


def reloads():
    answer = call('ModelService', 'HandleReloadConfigRequest', config={'model_config_list': {'config': [{'name': 'ads'}]}})
    assert answer.status.error_code == 0


def refuses():
    try:
        predict('Predict', model_spec={'name': 'none'})
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.NOT_FOUND and error.details() == 'Servable not found for request: Latest(none)'
    else:
        raise AssertionError('an unknown model was answered')


for one in (predicts, predicts_content, predicts_exact_integers, classifies, regresses, infers_several, tells_metadata,
            tells_status, reloads, refuses):
    check(one.__name__.replace('_', ' '))(one)
