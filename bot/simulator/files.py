"""Without this module a picture sent by a resident could be neither copied nor downloaded.

Contents and ids of everything uploaded. Ids are the simulator's own; the kind of a file is fixed
with its id, as at Telegram.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulator.limits import FILE_BYTES_KEPT, FILES_KEPT


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file as the bot knows it."""

    file_id: str
    unique_id: str
    kind: str
    size: int
    path: str
    mime_type: str


@dataclass(slots=True)
class FileStore:
    """Files by id; the oldest contents go first when there are too many bytes."""

    _files: dict[str, StoredFile] = field(default_factory=dict)
    _contents: dict[str, bytes] = field(default_factory=dict)
    _paths: dict[str, str] = field(default_factory=dict)
    _bytes: int = 0
    _number: int = 0

    def add(
        self, kind: str, content: bytes, *, name: str = "", mime_type: str = "", size: int = 0
    ) -> StoredFile:
        """Keep a file; ``size`` is what is said of a file whose bytes are not at hand."""
        self._number += 1
        number = self._number
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        stored = StoredFile(
            file_id=f"SimFile-{kind}-{number:010d}-AAQCAAMC",
            unique_id=f"AQAD{number:010d}",
            kind=kind,
            size=size or len(content),
            path=f"{kind}s/file_{number}.{suffix}",
            mime_type=mime_type or "application/octet-stream",
        )
        self._files[stored.file_id] = stored
        self._contents[stored.file_id] = content
        self._paths[stored.path] = stored.file_id
        self._bytes += len(content)
        self._forget()
        return stored

    def _forget(self) -> None:
        while self._contents and self._bytes > FILE_BYTES_KEPT:
            self._drop_content(next(iter(self._contents)))
        while len(self._files) > FILES_KEPT:
            oldest = next(iter(self._files))
            del self._paths[self._files.pop(oldest).path]
            self._drop_content(oldest)

    def _drop_content(self, file_id: str) -> None:
        self._bytes -= len(self._contents.pop(file_id, b""))

    def get(self, file_id: str) -> StoredFile | None:
        """The file with this id."""
        return self._files.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """The file getFile gave this path for."""
        return self._files.get(self._paths.get(path, ""))

    def content(self, stored: StoredFile) -> bytes:
        """Its bytes; none when they were never at hand or are forgotten."""
        return self._contents.get(stored.file_id, b"")
