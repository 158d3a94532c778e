"""Trains a task's network with a peer. Usage: peers.py PEER FOLDER THREADS. Each line "FIRST COUNT" on stdin is answered by one in JSON.

keras: Keras 3 on TensorFlow as its guides have it, compile and fit, by default through XLA; one table for all fields.
tf-function: the same steps as ours, written by hand in one tf.function: lazy Adam on the tables' rows, fused Adam on the rest.
deepctr-torch: DCN with cross_parameterization="matrix", compile and fit as in its quick start; a table for each field. Without priors.
"""

import json
import resource
import sys
import time

import numpy

peer, folder, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(f"{folder}/task.json") as file:
    task = json.load(file)
rows, fields, units = task["rows"], task["fields"], task["units"]
per_field, id_rows = task["idsAField"], fields * task["idsAField"]
width = fields * units
rate = task["learningRate"]
all_ids = numpy.fromfile(f"{folder}/ids.bin", dtype="<i4").reshape(-1, fields)
all_labels = numpy.fromfile(f"{folder}/labels.bin", dtype="<f4")
flat, weights, end = numpy.fromfile(f"{folder}/weights.bin", dtype="<f4"), {}, 0
for parameter in task["parameters"]:
    size = int(numpy.prod(parameter["shape"]))
    weights[parameter["name"]] = flat[end : end + size].reshape(parameter["shape"])
    end += size
layers = {
    "cross": [f"cross{at}" for at in range(task["crossLayers"])],
    "deep": [f"deep{at}" for at in range(len(task["hidden"]))],
}


def of_layer(name):
    return weights[f"{name}.kernel"], weights[f"{name}.bias"]


def keras_trainer():
    import keras

    def dense(name, activation=None):
        layer = keras.layers.Dense(len(weights[f"{name}.bias"]), activation, name=name)
        made.append((layer, name))
        return layer

    def table(name):
        layer = keras.layers.Embedding(id_rows, weights[f"{name}.table"].shape[1], name=name)
        tables.append((layer, name))
        return layer

    made, tables = [], []
    ids = keras.Input((fields,), dtype="int32")
    first = keras.layers.Flatten()(table("embedding")(ids))
    crossed = deep = first
    for name in layers["cross"]:
        crossed = first * dense(name)(crossed) + crossed
    for name in layers["deep"]:
        deep = dense(name, "relu")(deep)
    wide = keras.ops.sum(table("wide")(ids), axis=1)
    logit = wide + dense("cross.logit")(keras.layers.Concatenate()([crossed, deep]))
    model = keras.Model(ids, logit)
    for layer, name in made:
        layer.set_weights(of_layer(name))
    for layer, name in tables:
        layer.set_weights([weights[f"{name}.table"]])
    kernel, bias = of_layer("cross.logit")
    made[-1][0].set_weights([kernel, bias + weights["logit.bias"]])
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=keras.losses.BinaryCrossentropy(from_logits=True))

    def train(ids, labels):
        return model.fit(ids, labels, batch_size=rows, shuffle=False, verbose=0).history["loss"][0]

    return train


def tf_function_trainer():
    import tensorflow as tf

    beta1, beta2, epsilon = 0.9, 0.999, 1e-7
    variables = {name: tf.Variable(value) for name, value in weights.items()}
    moments = {name: [tf.Variable(tf.zeros_like(value)) for _ in range(2)] for name, value in weights.items()}
    tables = ["embedding.table", "wide.table"]
    dense = [name for name in weights if name not in tables]

    def layer(x, name):
        return tf.nn.bias_add(tf.matmul(x, variables[f"{name}.kernel"]), variables[f"{name}.bias"])

    def logits(ids):
        first = tf.reshape(tf.gather(variables["embedding.table"], ids), [rows, width])
        crossed = deep = first
        for name in layers["cross"]:
            crossed = first * layer(crossed, name) + crossed
        for name in layers["deep"]:
            deep = tf.nn.relu(layer(deep, name))
        wide = tf.reduce_sum(tf.reshape(tf.gather(variables["wide.table"], ids), [rows, fields]), 1)
        return wide + layer(tf.concat([crossed, deep], 1), "cross.logit")[:, 0] + variables["logit.bias"]

    @tf.function(
        input_signature=[
            tf.TensorSpec([rows * fields], tf.int32),
            tf.TensorSpec([rows], tf.float32),
            tf.TensorSpec([], tf.float32),
        ]
    )
    def step(ids, labels, number):
        with tf.GradientTape() as tape:
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels, logits(ids))
            loss = tf.reduce_mean(losses)
        names = tables + dense
        gradients = dict(zip(names, tape.gradient(loss, [variables[name] for name in names])))
        power1, power2 = beta1**number, beta2**number
        for name in dense:
            first, second = moments[name]
            tf.raw_ops.ResourceApplyAdam(
                var=variables[name].handle,
                m=first.handle,
                v=second.handle,
                beta1_power=power1,
                beta2_power=power2,
                lr=rate,
                beta1=beta1,
                beta2=beta2,
                epsilon=epsilon,
                grad=gradients[name],
            )
        distinct, index = tf.unique(ids)
        size = rate * tf.sqrt(1 - power2) / (1 - power1)
        for name in tables:
            first, second = moments[name]
            slices = gradients[name].values
            gradient = tf.math.unsorted_segment_sum(slices, index, tf.size(distinct))
            m = tf.gather(first, distinct) * beta1 + gradient * (1 - beta1)
            v = tf.gather(second, distinct) * beta2 + tf.square(gradient) * (1 - beta2)
            first.scatter_update(tf.IndexedSlices(m, distinct))
            second.scatter_update(tf.IndexedSlices(v, distinct))
            variables[name].scatter_sub(tf.IndexedSlices(size * m / (tf.sqrt(v) + epsilon), distinct))
        return loss

    done = 0

    def train(ids, labels):
        nonlocal done
        losses = []
        for begin in range(0, len(labels), rows):
            done += 1
            batch = ids[begin : begin + rows].reshape(-1), labels[begin : begin + rows]
            losses.append(float(step(*batch, numpy.float32(done))))
        return numpy.mean(losses)

    return train


def deepctr_torch_trainer():
    import torch
    from deepctr_torch.inputs import SparseFeat
    from deepctr_torch.models import DCN

    torch.set_num_threads(threads)
    columns = [SparseFeat(f"field{at}", per_field, embedding_dim=units) for at in range(fields)]
    model = DCN(
        columns,
        columns,
        cross_num=task["crossLayers"],
        cross_parameterization="matrix",
        dnn_hidden_units=task["hidden"],
        l2_reg_linear=0,
        l2_reg_embedding=0,
        l2_reg_cross=0,
    )
    # DCN does not hand l2_reg_linear on to the linear part: without this each step squares its whole tables.
    model.regularization_weight = []
    with torch.no_grad():
        for at, column in enumerate(columns):
            own = slice(at * per_field, (at + 1) * per_field)
            model.embedding_dict[column.name].weight.copy_(torch.from_numpy(weights["embedding.table"][own]))
            model.linear_model.embedding_dict[column.name].weight.copy_(torch.from_numpy(weights["wide.table"][own]))
        for at, name in enumerate(layers["cross"]):
            kernel, bias = of_layer(name)
            model.crossnet.kernels[at].copy_(torch.from_numpy(kernel.T.copy()))
            model.crossnet.bias[at].copy_(torch.from_numpy(bias[:, None]))
        for linear, name in zip(model.dnn.linears, layers["deep"]):
            kernel, bias = of_layer(name)
            linear.weight.copy_(torch.from_numpy(kernel.T.copy()))
            linear.bias.copy_(torch.from_numpy(bias))
        model.dnn_linear.weight.copy_(torch.from_numpy(weights["cross.logit.kernel"].T.copy()))
        model.out.bias.copy_(torch.from_numpy(weights["logit.bias"]))
    model.compile(torch.optim.Adam(model.parameters(), lr=rate), "binary_crossentropy")

    def train(ids, labels):
        x = {column.name: ids[:, at] - at * per_field for at, column in enumerate(columns)}
        return model.fit(x, labels, batch_size=rows, shuffle=False, verbose=0).history["loss"][-1]

    return train


train = {"keras": keras_trainer, "tf-function": tf_function_trainer, "deepctr-torch": deepctr_torch_trainer}[peer]()
for line in sys.stdin:
    first, count = map(int, line.split())
    own = slice(first * rows, (first + count) * rows)
    used, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    loss = float(train(all_ids[own], all_labels[own]))
    wall, now = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    print(json.dumps({"cpuS": cpu, "wallS": wall, "loss": loss}), flush=True)
