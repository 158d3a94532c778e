"""Takes TensorFlow's two libraries and its C headers out of the wheel: extract-wheel.py WHEEL FOLDER."""
import os
import re
import sys
import zipfile

wheel, folder = sys.argv[1:]
wanted = re.compile(
    r"tensorflow/(libtensorflow_(cc|framework)\.so\.2$"
    r"|include/(tensorflow/(c|core/platform|tsl|compiler/xla/tsl)|tsl/(c|platform)|xla/tsl)/.*\.h$)"
)
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if not wanted.match(name):
            continue
        relative = name[len("tensorflow/"):]
        target = os.path.join(folder, "lib/" + relative if relative.startswith("lib") else relative)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, "wb") as sink:
            while block := source.read(1 << 24):
                sink.write(block)
for library in ("tensorflow", "tensorflow_framework"):
    versioned = "libtensorflow_cc.so.2" if library == "tensorflow" else "libtensorflow_framework.so.2"
    os.symlink(versioned, os.path.join(folder, "lib", f"lib{library}.so"))
