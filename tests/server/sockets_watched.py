"""Every connection and name look-up of a process, noted by a library that is loaded before libc."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

_SOURCE = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static void note(const char *what, const char *whom) {
    char line[512];
    int size = snprintf(line, sizeof line, "%s %s\n", what, whom ? whom : "-");
    int file = open(getenv("WATCHED"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (file >= 0) { if (write(file, line, size) < 0) abort(); close(file); }
}

static void note_address(const char *what, const struct sockaddr *to) {
    char text[INET6_ADDRSTRLEN] = "";
    if (to && to->sa_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)to)->sin_addr, text, sizeof text);
    else if (to && to->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)to)->sin6_addr, text, sizeof text);
    else return;
    note(what, text);
}

int connect(int socket, const struct sockaddr *to, socklen_t size) {
    note_address("connect", to);
    return ((int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect"))(
        socket, to, size);
}

ssize_t sendto(int socket, const void *data, size_t length, int flags,
               const struct sockaddr *to, socklen_t size) {
    note_address("send", to);
    return ((ssize_t (*)(int, const void *, size_t, int, const struct sockaddr *, socklen_t))
            dlsym(RTLD_NEXT, "sendto"))(socket, data, length, flags, to, size);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    note("look-up", node);
    return ((int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))
            dlsym(RTLD_NEXT, "getaddrinfo"))(node, service, hints, found);
}
"""


@dataclass(frozen=True)
class Watch:
    """Watches the processes that run with `env`."""

    preloaded: Path
    notes: Path

    @property
    def env(self) -> Mapping[str, str]:
        """The environment of a process that is watched."""
        return {"LD_PRELOAD": str(self.preloaded), "WATCHED": str(self.notes)}

    def seen(self) -> list[str]:
        """Return what was noted so far: `connect ADDRESS`, `send ADDRESS`, `look-up NAME`."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def outside(self) -> list[str]:
        """Return what of it leaves loopback, or asks for a name."""
        return [each for each in self.seen() if not _stays(each.split(" ", 1)[1])]


def _stays(whom: str) -> bool:
    try:
        return whom == "-" or ip_address(whom).is_loopback
    except ValueError:
        return False


def watch(folder: Path) -> Watch | None:
    """Return a watch that notes in the folder; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    source, library = folder / "watched.c", folder / "watched.so"
    source.write_text(_SOURCE)
    words = [compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(words, check=True, capture_output=True)
    return Watch(library, folder / "notes")
