"""A build backend (PEP 517) for one kind of wheel: the package's files, and the program built beforehand.

tools/build-wheel.sh builds the program and the library, and says where they are in WEIR_WHEEL_BINARIES. The
platform in the wheel's name follows from them: from the newest version of glibc that they ask for.
Sources: PEP 427 (wheels), PEP 600 (manylinux), PEP 621 (metadata).
"""
import base64
import hashlib
import os
import re
import subprocess
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BINARIES = ("weir", "libweir-arrow.so")
# Nothing older has a tag that pip knows; nothing here is older than what 2.17 has.
OLDEST_GLIBC = (2, 17)
LEGACY_TAGS = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
# Any time will do, as long as it is the same each time: a wheel of the same files has the same bytes.
TIME = (2020, 1, 1, 0, 0, 0)


def _version():
    return re.search(r"project\(weir VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]


def _binaries():
    folder = os.environ.get("WEIR_WHEEL_BINARIES")
    if not folder:
        raise SystemExit("weirflow is built by tools/build-wheel.sh, which builds the program first")
    return [Path(folder) / name for name in BINARIES]


def _glibc_of(binary):
    """The newest version of glibc that a file asks for, (0, 0) where it asks for none."""
    symbols = subprocess.run(["objdump", "-T", str(binary)], capture_output=True, text=True).stdout
    return max((tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([\d.]+)", symbols)), default=(0, 0))


def _libraries_of(binary):
    headers = subprocess.run(["objdump", "-p", str(binary)], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"NEEDED\s+(\S+)", headers))


def _platform():
    """The tag; a file that needs other libraries than glibc's cannot be shipped."""
    newest = OLDEST_GLIBC
    for binary in _binaries():
        foreign = _libraries_of(binary) - {"libc.so.6", "libm.so.6", "libpthread.so.0", "ld-linux-x86-64.so.2"}
        if foreign:
            raise SystemExit(f"{binary} needs {', '.join(sorted(foreign))}, which machines do not have")
        newest = max(newest, _glibc_of(binary)[:2])
    tag = f"manylinux_{newest[0]}_{newest[1]}_x86_64"
    legacy = LEGACY_TAGS.get(newest)
    return f"{tag}.{legacy}_x86_64" if legacy else tag


def _metadata():
    readme = (HERE / "README.md").read_text()
    return "\n".join([
        "Metadata-Version: 2.4", "Name: weirflow", f"Version: {_version()}",
        "Summary: Grouped sums of Parquet files and frames: exact, in a fixed amount of memory",
        "License-Expression: Apache-2.0", "License-File: LICENSE", "Requires-Python: >=3.9",
        "Classifier: Operating System :: POSIX :: Linux", "Classifier: Programming Language :: Python :: 3",
        "Classifier: Typing :: Typed", "Description-Content-Type: text/markdown", "", readme])


def _contents(info):
    """(name in the wheel, bytes, whether it can be run)."""
    for path in sorted((HERE / "weir").glob("*")):
        if path.suffix == ".py" or path.name == "py.typed":
            text = path.read_bytes()
            if path.name == "_version.py":
                text = re.sub(rb'__version__ = ".*"', f'__version__ = "{_version()}"'.encode(), text)
            yield f"weir/{path.name}", text, False
    for path in _binaries():
        yield f"weir/bin/{path.name}", path.read_bytes(), True
    tags = "".join(f"Tag: py3-none-{platform}\n" for platform in _platform().split("."))
    yield f"{info}/METADATA", _metadata().encode(), False
    yield f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: weir\nRoot-Is-Purelib: false\n{tags}".encode(), False
    yield f"{info}/entry_points.txt", b"[console_scripts]\nweir = weir.__main__:main\n", False
    yield f"{info}/licenses/LICENSE", (ROOT / "LICENSE").read_bytes(), False


def _add(wheel, name, content, executable):
    entry = zipfile.ZipInfo(name, TIME)
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    wheel.writestr(entry, content)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    info = f"weirflow-{_version()}.dist-info"
    name = f"weirflow-{_version()}-py3-none-{_platform()}.whl"
    record = []
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as wheel:
        for path, content, executable in _contents(info):
            _add(wheel, path, content, executable)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{path},sha256={digest},{len(content)}")
        record.append(f"{info}/RECORD,,")
        _add(wheel, f"{info}/RECORD", "\n".join(record).encode() + b"\n", False)
    return name


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit("weirflow has no source distribution: the source is the repository of weir")


if __name__ == "__main__":
    import sys
    print(build_wheel(sys.argv[1]))
