"""Takes TensorFlow's two libraries and its C headers, or one of CUDA's libraries, out of a wheel: extract-wheel.py WHEEL FOLDER."""
import os
import re
import sys
import zipfile

wheel, folder = sys.argv[1:]
wanted = re.compile(
    r"tensorflow/(libtensorflow_(cc|framework)\.so\.2$"
    r"|include/(tensorflow/(c|core/platform|tsl|compiler/xla/tsl)|tsl/(c|platform)|xla/tsl)/.*\.h$)"
    r"|nvidia/[^/]+/lib/lib.*\.so"
)
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if not wanted.match(name):
            continue
        relative = name.removeprefix("tensorflow/")
        target = os.path.join(folder, "lib/" + relative if relative.startswith("lib") else relative)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, "wb") as sink:
            while block := source.read(1 << 24):
                sink.write(block)
# The names that the addon links with, and where cuDNN looks for nvrtc and TensorFlow for cuSOLVER.
for link, target in (
    ("lib/libtensorflow.so", "libtensorflow_cc.so.2"),
    ("lib/libtensorflow_framework.so", "libtensorflow_framework.so.2"),
    ("nvidia/nvrtc", "cuda_nvrtc"),
    ("nvidia/cublas/lib/libcusolver.so.11", "../../cusolver/lib/libcusolver.so.11"),
):
    path = os.path.join(folder, link)
    if os.path.exists(os.path.join(os.path.dirname(path), target)) and not os.path.lexists(path):
        os.symlink(target, path)
