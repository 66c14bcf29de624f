"""An HTTP/1.1 client for registries that costs next to nothing, and Docker's ways of signing in.

Standard library only. Big blobs are pushed with sendfile(2) and pulled with MSG_TRUNC, so that the kernel drops
the body and the figures belong to the server.
"""
import base64
import hashlib
import json
import os
import re
import socket
import ssl
import time
import urllib.parse

OCTET = "application/octet-stream"


class BenchError(Exception):
    """The server did not do what was asked of it."""


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def blob_path(repo, digest):
    return f"/v2/{repo}/blobs/{digest}"


def upload_path(repo):
    return f"/v2/{repo}/blobs/uploads/"


def relative(location):
    u = urllib.parse.urlsplit(location)
    return u.path + ("?" + u.query if u.query else "")


def with_digest(location, digest):
    return location + ("&" if "?" in location else "?") + "digest=" + urllib.parse.quote(digest, safe=":")


class Conn:
    """One keep-alive connection to http(s)://127.0.0.1:port; no certificate is checked."""

    def __init__(self, base):
        u = urllib.parse.urlsplit(base)
        if u.scheme not in ("http", "https") or u.hostname != "127.0.0.1":
            raise BenchError(f"only 127.0.0.1 is measured, not {base}")
        self.netloc, self.port, self.tls = u.netloc, u.port, u.scheme == "https"
        self.socket, self.buf = None, b""

    def connect(self):
        self.socket, self.buf = socket.create_connection(("127.0.0.1", self.port), timeout=300), b""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            self.socket = ssl._create_unverified_context().wrap_socket(self.socket)

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def head(self, method, path, headers, length=None):
        lines = [f"{method} {path} HTTP/1.1", "Host: " + self.netloc] + [f"{k}: {v}" for k, v in headers]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def request(self, method, path, headers=(), body=b""):
        """(status, headers, body); an idle connection that the server had closed is opened again once."""
        length = len(body) if body or method in ("POST", "PUT", "PATCH") else None
        out = self.head(method, path, headers, length) + body
        for attempt in (0, 1):
            fresh = self.socket is None
            if fresh:
                self.connect()
            try:
                self.socket.sendall(out)
                return self.response(method)
            except ConnectionError:
                self.close()
                if fresh or attempt:
                    raise

    def send_file(self, method, path, headers, fd, offset, size):
        """A request whose body goes from the page cache to the socket without passing through here."""
        if self.socket is None:
            self.connect()
        self.socket.sendall(self.head(method, path, [*headers, ("Content-Type", OCTET)], size))
        end = offset + size
        # A socket with a timeout is non-blocking underneath, which sendfile would see.
        self.socket.settimeout(None)
        try:
            while offset < end:
                offset += os.sendfile(self.socket.fileno(), fd, offset, min(end - offset, 1 << 24))
        except (BrokenPipeError, ConnectionResetError):
            pass  # answered early; the answer is read below
        self.socket.settimeout(300)
        return self.response(method)

    def sink(self, path, headers):
        """A GET whose body the kernel throws away; the number of bytes received."""
        self.connect()
        self.socket.sendall(self.head("GET", path, [*headers, ("Connection", "close")]))
        while b"\r\n\r\n" not in self.buf:
            self.read(4096)
        head, rest = self.buf.split(b"\r\n\r\n", 1)
        length = re.search(rb"\r\ncontent-length:\s*(\d+)", head, re.I)
        if int(head.split(b" ", 2)[1]) != 200 or not length:
            raise BenchError(f"GET {path}: {head[:300]!r}")
        want, have, buf = int(length.group(1)), len(rest), bytearray(1 << 21)
        while have < want:
            n = self.socket.recv_into(buf, len(buf), socket.MSG_TRUNC)
            if n == 0:
                raise BenchError(f"GET {path}: closed at {have} of {want} bytes")
            have += n
        self.close()
        return have

    def read(self, n=65536):
        data = self.socket.recv(n)
        if not data:
            raise ConnectionError("closed")
        self.buf += data

    def read_line(self):
        while b"\r\n" not in self.buf:
            self.read()
        line, self.buf = self.buf.split(b"\r\n", 1)
        return line

    def read_exactly(self, n):
        parts, have = [self.buf], len(self.buf)
        while have < n:
            data = self.socket.recv(1 << 20)
            if not data:
                raise ConnectionError("closed")
            parts.append(data)
            have += len(data)
        data = b"".join(parts)
        self.buf = data[n:]
        return data[:n]

    def response(self, method):
        status = 0
        while status < 200:
            status = int(self.read_line().split(b" ", 2)[1])
            headers = {}
            while line := self.read_line():
                k, _, v = line.decode("latin1").partition(":")
                headers[k.strip().lower()] = v.strip()
        body = b""
        if method != "HEAD" and status not in (204, 304):
            if headers.get("transfer-encoding", "").lower() == "chunked":
                while n := int(self.read_line().split(b";")[0], 16):
                    body += self.read_exactly(n)
                    self.read_line()
                self.read_line()
            else:
                body = self.read_exactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, headers, body


class Client:
    """Requests that follow the server's own challenge: none, Basic, or Docker's token flow.

    A token is kept for each kind of request ("pull:bench/app"), as Docker does."""

    def __init__(self, base, user=None):
        self.base, self.user = base, user
        self.conn = Conn(base)
        self.tokens, self.token_seconds = {}, []
        self.flow = "none"

    def basic(self):
        return "Basic " + base64.b64encode(self.user.encode()).decode()

    def answer(self, challenge):
        """The Authorization header that a WWW-Authenticate header asks for."""
        if not self.user:
            raise BenchError("the server asks for a user: give --user or BENCH_USER")
        scheme, _, rest = challenge.partition(" ")
        self.flow = scheme.lower()
        if self.flow == "basic":
            return self.basic()
        p = {k.lower(): quoted or plain for k, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', rest)}
        query = [("service", p["service"])] if p.get("service") else []
        query += [("scope", s) for s in p.get("scope", "").split()]
        realm = urllib.parse.urlsplit(urllib.parse.urljoin(self.base + "/v2/", p["realm"]))
        query = "&".join(x for x in (realm.query, urllib.parse.urlencode(query)) if x)
        conn = Conn(f"{realm.scheme}://{realm.netloc}")
        t = time.perf_counter()
        status, _, body = conn.request("GET", realm.path + ("?" + query if query else ""), [("Authorization", self.basic())])
        self.token_seconds.append(time.perf_counter() - t)
        conn.close()
        if status != 200:
            raise BenchError(f"token refused: {status} {body[:300]!r}")
        token = json.loads(body)
        return "Bearer " + (token.get("token") or token.get("access_token"))

    def headers(self, kind):
        return [("Authorization", self.tokens[kind])] if kind in self.tokens else []

    def request(self, kind, method, path, headers=(), body=b""):
        status, got, content = self.conn.request(method, path, [*headers, *self.headers(kind)], body)
        if status == 401 and "www-authenticate" in got:
            self.tokens[kind] = self.answer(got["www-authenticate"])
            status, got, content = self.conn.request(method, path, [*headers, *self.headers(kind)], body)
        return status, got, content

    def expect(self, want, kind, method, path, headers=(), body=b""):
        status, got, content = self.request(kind, method, path, headers, body)
        if status != want:
            raise BenchError(f"{method} {path}: {status} instead of {want}, {content[:300]!r}")
        return got, content

    def sign_in(self, kind, path, method="GET", headers=()):
        """Headers for requests of this kind, with a fresh token got by making one of them."""
        self.tokens.pop(kind, None)
        self.expect(200, kind, method, path, headers)
        return [*headers, *self.headers(kind)]

    def sign_in_to_push(self, repo):
        """Headers for pushing to a repository."""
        kind = "push:" + repo
        self.tokens.pop(kind, None)
        got, _ = self.expect(202, kind, "POST", upload_path(repo))
        self.request("cancel:" + repo, "DELETE", relative(got["location"]))  # may need another scope
        return self.headers(kind)

    def basic_headers(self):
        """Headers for the steps that write to thousands of repositories: no token for each of them."""
        if self.flow == "none":
            return []
        headers = [("Authorization", self.basic())]
        status, _, _ = self.conn.request("GET", "/v2/", headers)
        if status != 200:
            raise BenchError(f"Basic straight on /v2/ is answered {status}")
        return headers

    def put_blob(self, repo, data):
        digest, kind = sha256(data), "push:" + repo
        got, _ = self.expect(202, kind, "POST", upload_path(repo))
        self.expect(201, kind, "PUT", with_digest(relative(got["location"]), digest), [("Content-Type", OCTET)], data)
        return digest

    def put_manifest(self, repo, reference, data, media_type):
        self.expect(201, "push:" + repo, "PUT", f"/v2/{repo}/manifests/{reference}", [("Content-Type", media_type)], data)
