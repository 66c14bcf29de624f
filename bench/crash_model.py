"""What the server has promised, and what was under way when it was killed."""
import hashlib
import json
import random
import threading

from registry_client import sha256

MIB = 1 << 20
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MAX_BLOB = 64 * MIB
SIZES = [0, 1, 700, 4096, 4097, 65535, 65536, 65537, 200_000, 512 * 1024, 512 * 1024 + 1, MIB, 3 * MIB + 5, 5 * MIB, 17 * MIB + 3, MAX_BLOB]
WEIGHTS = [2, 4, 20, 20, 10, 8, 8, 8, 12, 8, 8, 12, 6, 5, 2, 1]


class Contents:
    """Blobs that are made again from their number, so that gigabytes need no memory."""

    def __init__(self, seed):
        self.base = memoryview(random.Random(seed).randbytes(MAX_BLOB))
        self.by_digest, self.lock = {}, threading.Lock()

    def pieces(self, number, size):
        head = hashlib.sha256(b"crash %d" % number).digest()[:size]
        return [memoryview(head), self.base[len(head):size]]

    def make(self, number, size):
        """The digest of a blob."""
        hasher = hashlib.sha256()
        for piece in self.pieces(number, size):
            hasher.update(piece)
        digest = "sha256:" + hasher.hexdigest()
        with self.lock:
            self.by_digest[digest] = (number, size)
        return digest

    def size(self, digest):
        return self.by_digest[digest][1]

    def read(self, digest, start=0, end=None):
        """Its bytes as a list of views."""
        number, size = self.by_digest[digest]
        end, at, found = size if end is None else end, 0, []
        for piece in self.pieces(number, size):
            part = piece[max(0, start - at):max(0, end - at)]
            at += len(piece)
            if len(part):
                found.append(part)
        return found


class Manifest:
    def __init__(self, document, media_type, blobs, children=()):
        self.payload = json.dumps(document).encode()
        self.digest, self.media_type, self.blobs, self.children = sha256(self.payload), media_type, list(blobs), list(children)


class Image:
    """Facts about one image by key: ("blob", digest) and ("manifest", digest) are True or absent, ("tag", name) is a digest or absent.

    One client at a time changes a key."""

    def __init__(self, name, is_shared=False):
        self.name, self.is_shared = name, is_shared
        self.facts, self.gone = {}, set()
        self.manifests = {}  # all that were ever sent, by digest
        self.needed = {}     # blob or child digest: how many manifests name it
        self.lock = threading.Lock()
        self.fresh = set()   # keys changed since they were last looked at through the server

    def get(self, key):
        return self.facts.get(key)

    def keys(self, kind):
        with self.lock:
            return [k[1] for k in self.facts if k[0] == kind]

    def apply(self, facts):
        with self.lock:
            for key, value in facts.items():
                had = key in self.facts
                if value:
                    self.facts[key] = value
                    self.gone.discard(key)
                elif self.facts.pop(key, None):
                    self.gone.add(key)
                if key[0] == "manifest" and had != bool(value):
                    manifest = self.manifests[key[1]]
                    for name in {*manifest.blobs, *manifest.children}:
                        self.needed[name] = self.needed.get(name, 0) + (1 if value else -1)
                self.fresh.add(key)

    def tags_of(self, digest):
        return [k[1] for k, v in list(self.facts.items()) if k[0] == "tag" and v == digest]

    def is_needed(self, digest):
        return self.needed.get(digest, 0) > 0


class Change:
    """One request that changes facts of an image: after a crash it has happened as a whole or not at all."""

    def __init__(self, image, what, after):
        self.image, self.what, self.after = image, what, after
        self.before = {key: image.get(key) for key in after}

    def __str__(self):
        return f"{self.what} in {self.image.name}"


class Upload:
    """An upload under way: `answered` bytes were promised, `sent` may be there."""

    def __init__(self, image, location, digest):
        self.image, self.location, self.digest = image, location, digest
        self.answered = self.sent = 0
        self.is_ending = False  # a PUT or DELETE was sent and not answered
