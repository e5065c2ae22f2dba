"""One run of the program: its result in memory, what it says, how it ends.

Standard output and standard error are unnamed files in memory, so nothing can fill up while nobody reads.
Whatever happens here, the program is gone when run() returns: an exception, Ctrl-C among them, asks it to stop,
waits for it while it removes what it has on disk, and ends it when that takes too long.
"""
from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import subprocess
import tempfile
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Union

from ._errors import Error, InternalError, ProgramNotFoundError, UsageError, error_of_document, error_of_signal
from ._ipc_write import Buffer
from ._program import program
from ._progress import VARIABLE, Watch

GRACE = 10.0  # seconds that the program has to stop
_PIPE_BYTES = 1 << 20
_MOST_PIECES = 1024  # of one writev


# What the program reads: nothing, bytes, or buffers that are made while it reads.
Input = Union[None, bytes, Iterable[Sequence[Buffer]]]


class Ran(NamedTuple):
    """What a run that succeeded left. The descriptor is the caller's to close."""

    output: int
    document: Mapping[str, Any]


def _memory_file(name: str) -> int:
    """A file without a name: in memory, or where the system has no such, in the temporary folder."""
    with contextlib.suppress(AttributeError, OSError):
        return os.memfd_create(name, os.MFD_CLOEXEC)
    descriptor, path = tempfile.mkstemp(prefix="weir-")
    os.unlink(path)
    return descriptor


def _text_of(descriptor: int) -> str:
    parts: List[bytes] = []
    size = 0
    while True:
        part = os.pread(descriptor, 1 << 20, size)
        if not part:
            return b"".join(parts).decode("utf-8", "replace")
        parts.append(part)
        size += len(part)


@contextlib.contextmanager
def _no_sigpipe() -> Iterator[None]:
    """Where the application asked for the default action, a program that stopped reading would end it."""
    if signal.getsignal(signal.SIGPIPE) != signal.SIG_DFL:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
    try:
        yield
    finally:
        if signal.SIGPIPE not in before:
            signal.sigtimedwait({signal.SIGPIPE}, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Child:
    """The running program."""

    def __init__(self, arguments: Sequence[str], stdin: int, output: int, said: int, watch: Watch) -> None:
        environment: Dict[str, str] = dict(os.environ)
        if watch.path is not None:
            environment[VARIABLE] = watch.path
        path = program()
        self._watch = watch
        self._pidfd: Optional[int] = None
        try:
            self._process = subprocess.Popen([path, *arguments], stdin=stdin, stdout=output, stderr=said,
                                             env=environment, bufsize=0)
        except OSError as error:
            raise _not_started(path, error) from error

    def close(self) -> None:
        self._close_input()
        if self._pidfd is not None:
            os.close(self._pidfd)

    def _close_input(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()

    # ---- input ----

    def feed(self, messages: Iterable[Sequence[Buffer]]) -> None:
        """Writes buffers to standard input and ends it; what the program no longer reads is passed over."""
        assert self._process.stdin is not None
        pipe = self._process.stdin.fileno()
        os.set_blocking(pipe, False)
        self._enlarge(pipe)
        ready = select.poll()
        ready.register(pipe, select.POLLOUT)
        try:
            for message in messages:
                self._write(pipe, ready, [memoryview(piece).cast("B") for piece in message])
        except BrokenPipeError:
            pass  # it ended, and says why
        finally:
            self._close_input()

    @staticmethod
    def _enlarge(pipe: int) -> None:
        import fcntl
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, getattr(fcntl, "F_SETPIPE_SZ", 1031), _PIPE_BYTES)

    def _write(self, pipe: int, ready: "select.poll", pieces: List[memoryview]) -> None:
        first = 0
        while first < len(pieces):
            try:
                with _no_sigpipe():
                    written = os.writev(pipe, pieces[first:first + _MOST_PIECES])
            except BlockingIOError:
                self._pause(ready)
                continue
            while first < len(pieces) and written >= len(pieces[first]):
                written -= len(pieces[first])
                first += 1
            if written:
                pieces[first] = pieces[first][written:]

    def _pause(self, ready: "select.poll") -> None:
        interval = self._watch.interval
        ready.poll(None if interval is None else interval * 1000)
        self._watch.look()

    # ---- the end ----

    def wait(self) -> int:
        """The exit status; negative: a signal."""
        interval = self._watch.interval
        with contextlib.suppress(AttributeError, OSError):
            self._pidfd = os.pidfd_open(self._process.pid)
        if self._pidfd is None:
            return self._wait_without_pidfd(interval)
        ended = select.poll()
        ended.register(self._pidfd, select.POLLIN)
        while not ended.poll(None if interval is None else interval * 1000):
            self._watch.look()
        return self._process.wait()

    def _wait_without_pidfd(self, interval: Optional[float]) -> int:
        while True:
            try:
                return self._process.wait(interval)
            except subprocess.TimeoutExpired:
                self._watch.look()

    def stop(self) -> None:
        """
        Asks by SIGTERM: a terminal's Ctrl-C has sent SIGINT to the program as well, whose second one would end
        it before it has cleaned up. Then its input ends, else it might wait for more.
        """
        self._process.terminate()
        self._close_input()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        finally:  # nothing to do where it has ended; after a second Ctrl-C it may not have
            self._process.kill()
            self._process.wait()


def _not_started(path: str, error: OSError) -> Error:
    if error.errno == errno.E2BIG:
        return UsageError("the call names more than a command line can hold",
                          hint="fewer or shorter column names; for files a folder or a pattern")
    return ProgramNotFoundError(f"cannot run {path}: {error.strerror}", file=path)


def _document(text: str) -> Mapping[str, Any]:
    """The JSON document in what the program said; empty where there is none."""
    begin = text.find("{")
    with contextlib.suppress(ValueError):
        document, _ = json.JSONDecoder().raw_decode(text[begin:])
        return document if isinstance(document, dict) and begin >= 0 else {}
    return {}


def _error_of(status: int, documents: Sequence[Mapping[str, Any]], said: str) -> Error:
    for document in documents:
        for part in (document, *document.get("files", [])):  # inspect tells of each file by itself
            if isinstance(part.get("error"), dict):
                return error_of_document(part["error"])
    if status < 0:
        return error_of_signal(-status)
    line = said.strip().rpartition("\n")[2]
    return InternalError(line or f"the program ended with status {status} without a word")


def run(arguments: Sequence[str], *, rows_on_output: bool, watch: Watch, input: Input) -> Ran:
    """Runs the program to its end. rows_on_output: its document is on standard error."""
    output, said = _memory_file("weir-result"), _memory_file("weir-said")
    try:
        with watch, _standard_input(input) as stdin:
            status = _run_child(arguments, stdin, output, said, watch, input)
        words = _text_of(said)
        where = words if rows_on_output else _text_of(output)
        document = _document(where)
        if status != 0 or "error" in document or not document:
            head = os.pread(output, 1 << 16, 0).decode("utf-8", "replace")
            raise _error_of(status, [document, _document(head) if status else {}], words)
        return Ran(os.dup(output), document)
    finally:
        os.close(output)
        os.close(said)


@contextlib.contextmanager
def _standard_input(input: Input) -> Iterator[int]:
    """Bytes are all there before the program begins; of a list that came in parts it could take one for all."""
    if not isinstance(input, bytes):
        yield subprocess.DEVNULL if input is None else subprocess.PIPE
        return
    descriptor = _memory_file("weir-input")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(input)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _run_child(arguments: Sequence[str], stdin: int, output: int, said: int, watch: Watch, input: Input) -> int:
    child = _Child(arguments, stdin, output, said, watch)
    try:
        if input is not None and not isinstance(input, bytes):
            child.feed(input)
        return child.wait()
    except BaseException:
        child.stop()
        raise
    finally:
        child.close()
