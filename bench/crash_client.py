"""One of the clients that push, delete and pull until the server dies under them."""
import hashlib
import random

from crash_model import MAX_BLOB, MIB, OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, SIZES, WEIGHTS, Change, Manifest, Upload
from ncr import BASIC
from registry_client import OCTET, Conn, blob_path, relative, upload_path, with_digest


class Lost(Exception):
    """The connection broke: either the server was killed, or that is a fault."""


class Wrong(Exception):
    """The server answered what it must not."""


class Wire(Conn):
    """Requests that are never sent twice, with bodies in pieces."""

    def exchange(self, method, path, headers=(), pieces=(), chunked=False):
        """(status, headers, body)."""
        length = sum(len(p) for p in pieces)
        headers = [*headers, BASIC] + ([("Content-Type", OCTET)] if length and not any(k == "Content-Type" for k, _ in headers) else [])
        has_body = bool(pieces) or method in ("POST", "PUT", "PATCH")
        if chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        try:
            if self.socket is None:
                self.connect()
                self.socket.settimeout(60)
            try:
                self.socket.sendall(self.head(method, path, headers, length if has_body and not chunked else None))
                for piece in pieces:
                    for at in range(0, len(piece), MIB):
                        part = piece[at:at + MIB]
                        if chunked:
                            self.socket.sendall(b"%x\r\n" % len(part))
                        self.socket.sendall(part)
                        if chunked:
                            self.socket.sendall(b"\r\n")
                if chunked:
                    self.socket.sendall(b"0\r\n\r\n")
            except (BrokenPipeError, ConnectionResetError):
                if self.socket is None:
                    raise
            return self.response(method)
        except (OSError, ValueError, IndexError) as e:
            self.close()
            raise Lost(f"{method} {path}: {e!r}") from None

    def pull(self, path, digest, size):
        """The status of a GET; when it is 200, its body has that digest, or it is wrong."""
        status, headers, body = self.exchange("GET", path)
        if status == 200 and (len(body) != size or "sha256:" + hashlib.sha256(body).hexdigest() != digest):
            raise Wrong(f"GET {path} answers 200 with {len(body)} bytes of {size} and another digest")
        if status not in (200, 404):
            raise Wrong(f"GET {path} answers {status}: {body[:200]!r}")
        return status


class Client:
    """Has images of its own, and one in common with all others."""

    def __init__(self, number, harness):
        self.number, self.harness, self.contents = number, harness, harness.contents
        self.random = random.Random(f"{harness.options.seed} {number}")
        self.images = harness.images_of(number)
        self.wire, self.pending, self.uploads, self.counts = None, None, [], {}
        self.serial, self.last_status = 0, 0

    # --- the run ----------------------------------------------------------------------------------------------------

    def run(self):
        """Until the server is gone."""
        self.wire = Wire(self.harness.server.base)
        works = [(self.push_image, 40), (self.push_index, 8), (self.push_blob, 25), (self.mount, 10), (self.begin_upload, 6), (self.go_on, 6),
                 (self.cancel, 2), (self.delete_tag, 6), (self.delete_manifest, 6), (self.delete_blob, 4), (self.move_tag, 10), (self.look, 15)]
        functions, weights = zip(*works)
        try:
            while not self.harness.killing.is_set():
                self.random.choices(functions, weights)[0]()
        except Lost as e:
            if not self.harness.killing.wait(2):
                self.harness.fault(f"the connection broke although the server lived: {e}")
        except Wrong as e:
            self.harness.fault(str(e))
        except Exception as e:  # A harness that dies silently would prove nothing.
            self.harness.fault(f"client {self.number}: {e!r}")
            raise
        finally:
            self.wire.close()

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def image(self):
        return self.random.choice(self.images)

    def change(self, image, what, after, method, path, headers=(), pieces=(), chunked=False, done=(201,), refused=(), upload=None):
        """A request that changes facts; True when the server said that it has done so."""
        self.pending = Change(image, what, after)
        if upload:
            upload.is_ending = True
        status, got, body = self.wire.exchange(method, path, headers, pieces, chunked)
        self.last_status = status
        if status in done:
            image.apply(after)
            self.count(what)
        elif status not in refused:
            raise Wrong(f"{method} {path} ({what}) answers {status}: {body[:300]!r}")
        self.pending = None
        return status in done

    def expect(self, status, method, path, headers=(), pieces=(), chunked=False):
        got_status, headers, body = self.wire.exchange(method, path, headers, pieces, chunked)
        if got_status != status:
            raise Wrong(f"{method} {path} answers {got_status} instead of {status}: {body[:300]!r}")
        return headers

    # --- blobs ------------------------------------------------------------------------------------------------------

    def pick_blob(self):
        """A digest to push: new most of the time, else one that somebody has pushed."""
        known = self.harness.recent_blobs
        if known and self.random.random() < 0.25:
            return self.random.choice(known)
        size = self.random.choices(SIZES, WEIGHTS)[0]
        if not self.harness.may_add(size):
            if known and size > 4096:
                return self.random.choice(known)
            size = min(size, 700)
        self.serial += 1
        digest = self.contents.make(self.number * 10_000_000 + self.serial, size)
        known.append(digest)
        return digest

    def push_blob(self, image=None, digest=None):
        image, digest = image or self.image(), digest or self.pick_blob()
        size, key = self.contents.size(digest), ("blob", digest)
        way = self.random.choice(["single POST", "monolithic PUT", "one PATCH", "chunked PATCH", "PATCHes", "PATCH and PUT", "chunked PUT"])
        if way == "single POST":
            self.change(image, way, {key: True}, "POST", upload_path(image.name) + "?digest=" + digest, pieces=self.contents.read(digest))
            return digest
        upload = self.start(image, digest)
        if way in ("monolithic PUT", "chunked PUT"):
            self.finish(upload, 0, chunked=way == "chunked PUT", what=way)
            return digest
        if way in ("one PATCH", "chunked PATCH"):
            self.patch(upload, 0, size, chunked=way == "chunked PATCH")
        else:
            step, end = max(1, size // self.random.randint(2, 5)), size if way == "PATCHes" else size // 2
            for at in range(0, end, step):
                self.patch(upload, at, min(at + step, end))
        self.finish(upload, upload.answered, what=way)
        return digest

    def start(self, image, digest):
        headers = self.expect(202, "POST", upload_path(image.name))
        upload = Upload(image, relative(headers["location"]), digest)
        self.uploads.append(upload)
        return upload

    def patch(self, upload, start, end, chunked=False):
        upload.sent = max(upload.sent, end)
        headers = [] if chunked else [("Content-Range", f"{start}-{end - 1}")] if end > start else []
        got = self.expect(202, "PATCH", upload.location, headers, self.contents.read(upload.digest, start, end), chunked)
        if got.get("range") != f"0-{max(0, end - 1)}":
            raise Wrong(f"PATCH {upload.location} up to {end} answers Range {got.get('range')}")
        upload.answered = end
        self.count("PATCH")

    def finish(self, upload, start, chunked=False, what="upload"):
        upload.sent = self.contents.size(upload.digest)
        self.change(upload.image, what, {("blob", upload.digest): True}, "PUT", with_digest(upload.location, upload.digest),
                    pieces=self.contents.read(upload.digest, start), chunked=chunked, upload=upload)
        self.uploads.remove(upload)

    def begin_upload(self):
        """Left in the middle, for later, or for the other side of a crash."""
        if len(self.uploads) < 6:
            upload = self.start(self.image(), self.pick_blob())
            self.patch(upload, 0, self.random.randint(0, self.contents.size(upload.digest)))

    def go_on(self):
        if self.uploads:
            upload = self.random.choice(self.uploads)
            size = self.contents.size(upload.digest)
            if self.random.random() < 0.5:
                self.patch(upload, upload.answered, self.random.randint(upload.answered, size))
            else:
                self.finish(upload, upload.answered, what="resumed upload")

    def cancel(self):
        if self.uploads:
            upload = self.random.choice(self.uploads)
            upload.is_ending = True
            self.expect(204, "DELETE", upload.location)
            self.uploads.remove(upload)
            self.harness.cancelled.append(upload)
            self.count("cancelled upload")

    def mount(self):
        source, image = self.random.choice(self.harness.images), self.image()
        digests = source.keys("blob")
        if not digests or source is image:
            return
        digest = self.random.choice(digests)
        path = f"{upload_path(image.name)}?mount={digest}&from={source.name}"
        if not self.change(image, "mount", {("blob", digest): True}, "POST", path, refused=(202,)):
            self.count("mount refused")  # Just deleted there: an upload was begun instead, and is left to lie.

    def delete_blob(self):
        image = self.image()
        digests = image.keys("blob")
        if image.is_shared or not digests:
            return
        digest = self.random.choice(digests)
        is_needed = image.is_needed(digest)
        if self.change(image, "deleted blob", {("blob", digest): None}, "DELETE", blob_path(image.name, digest), done=(202,),
                       refused=(405,) if is_needed else (404,) if self.harness.is_collecting else ()) and is_needed:
            raise Wrong(f"{digest} was deleted from {image.name}, although a manifest needs it")
        if self.last_status == 404:
            image.apply({("blob", digest): None})  # Collected.

    # --- manifests --------------------------------------------------------------------------------------------------

    def put(self, image, manifest, tag, what):
        image.manifests[manifest.digest] = manifest
        after = {("manifest", manifest.digest): True}
        if tag:
            after["tag", tag] = manifest.digest
        path = f"/v2/{image.name}/manifests/{tag or manifest.digest}"
        return self.change(image, what, after, "PUT", path, [("Content-Type", manifest.media_type)], [manifest.payload],
                           refused=(404, 400) if self.harness.is_collecting else ())

    def tag(self):
        return f"c{self.number}-{self.random.randint(1, 12)}"

    def manifest(self, image):
        """A new manifest whose blobs are in the image."""
        blobs = []
        for _ in range(self.random.randint(1, 4)):
            known = image.keys("blob") if self.random.random() < 0.5 and not self.harness.is_collecting else None
            blobs.append(self.random.choice(known) if known else self.push_blob(image))
        describe = lambda digest, kind: {"mediaType": kind, "digest": digest, "size": self.contents.size(digest)}
        self.serial += 1
        document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": describe(blobs[0], OCI_CONFIG),
                    "layers": [describe(b, OCI_LAYER) for b in blobs[1:]], "annotations": {"org.example.serial": f"{self.number}-{self.serial}"}}
        return Manifest(document, OCI_MANIFEST, blobs)

    def push_image(self):
        image = self.image()
        manifest = self.manifest(image)
        self.put(image, manifest, self.tag() if self.random.random() < 0.8 else None, "manifest")

    def push_index(self):
        image, children = self.image(), []
        for _ in range(2):
            child = self.manifest(image)
            if not self.put(image, child, None, "child"):
                return
            children.append(child)
        document = {"schemaVersion": 2, "mediaType": OCI_INDEX,
                    "manifests": [{"mediaType": OCI_MANIFEST, "digest": c.digest, "size": len(c.payload)} for c in children]}
        self.put(image, Manifest(document, OCI_INDEX, [], [c.digest for c in children]), self.tag(), "index")

    def own_manifests(self, image):
        return [d for d in image.keys("manifest") if not image.is_shared]

    def move_tag(self):
        image = self.image()
        digests = self.own_manifests(image)
        if digests:
            self.put(image, image.manifests[self.random.choice(digests)], self.tag(), "moved tag")

    def delete_tag(self):
        image = self.image()
        tags = [t for t in image.keys("tag") if t.startswith(f"c{self.number}-")]
        if tags:
            tag = self.random.choice(tags)
            self.change(image, "deleted tag", {("tag", tag): None}, "DELETE", f"/v2/{image.name}/manifests/{tag}", done=(202,))

    def delete_manifest(self):
        image = self.image()
        digests = self.own_manifests(image)
        if not digests:
            return
        digest = self.random.choice(digests)
        is_child = image.is_needed(digest)
        after = {("manifest", digest): None} | {("tag", t): None for t in image.tags_of(digest)}
        if self.change(image, "deleted manifest", after, "DELETE", f"/v2/{image.name}/manifests/{digest}", done=(202,), refused=(405,) if is_child else ()) and is_child:
            raise Wrong(f"{digest} was deleted from {image.name}, although an index names it")

    # --- looking ----------------------------------------------------------------------------------------------------

    def look(self):
        """What was promised is there at once, and what was deleted is gone."""
        image = self.random.choice([i for i in self.images if not i.is_shared])
        with image.lock:
            keys = list(image.facts)
        if keys:
            self.verify(image, self.random.choice(keys), largest=5 * MIB)

    def verify(self, image, key, largest=MAX_BLOB):
        """Compares what the server serves with what it promised."""
        kind, name = key
        want = image.get(key)
        if kind == "blob":
            size = self.contents.size(name)
            if size > largest:
                status, headers, _ = self.wire.exchange("HEAD", blob_path(image.name, name))
                if status == 200 and headers.get("content-length") != str(size):
                    raise Wrong(f"HEAD of {name} in {image.name}: Content-Length {headers.get('content-length')} instead of {size}")
            else:
                status = self.wire.pull(blob_path(image.name, name), name, size)
        elif kind == "manifest":
            status = self.wire.pull(f"/v2/{image.name}/manifests/{name}", name, len(image.manifests[name].payload))
        elif want:
            status = self.wire.pull(f"/v2/{image.name}/manifests/{name}", want, len(image.manifests[want].payload))
        else:
            status = self.wire.exchange("GET", f"/v2/{image.name}/manifests/{name}")[0]
        self.count("looked at")
        if (status == 200) != bool(want) and not (kind == "blob" and self.harness.may_be_collected(image, name)):
            raise Wrong(f"{image.name} has {kind} {name}: {status}; promised: {'there' if want else 'gone'}")

    def resolve_upload(self, upload):
        """After a crash: where the upload stands, and on from there to its end. False when it is gone and may be."""
        status, headers, body = self.wire.exchange("GET", upload.location)
        if status == 404 and upload.is_ending:
            self.uploads.remove(upload)
            return False
        if status != 204:
            raise Wrong(f"GET {upload.location} answers {status} after the crash, although {upload.answered} bytes were promised: {body[:200]!r}")
        stands = int(headers["range"].split("-")[1])
        at = stands + 1 if stands else 0
        if stands == 0 and upload.sent:
            at = self.first_byte(upload)
        if at is None:
            self.expect(204, "DELETE", upload.location)
            self.uploads.remove(upload)
            return False
        if not upload.answered <= at <= upload.sent:
            raise Wrong(f"{upload.location} stands at {at} after the crash; {upload.answered} bytes were promised and {upload.sent} sent")
        upload.answered, upload.is_ending = at, False
        if self.random.random() < 0.7:
            size = self.contents.size(upload.digest)
            if self.random.random() < 0.5 and at < size:
                self.patch(upload, at, (at + size + 1) // 2)
            self.finish(upload, upload.answered, what="upload resumed after a crash")
            self.verify(upload.image, ("blob", upload.digest))
        return True

    def first_byte(self, upload):
        """Range 0-0 means no byte or one: a chunk that starts at 1 is refused when there is none. None when nothing can tell."""
        if self.contents.size(upload.digest) < 2:
            return upload.answered if upload.answered == upload.sent else None
        status, _, body = self.wire.exchange("PATCH", upload.location, [("Content-Range", "1-1")], self.contents.read(upload.digest, 1, 2))
        if status == 202:
            upload.sent = max(upload.sent, 2)
            return 2
        if status != 416:
            raise Wrong(f"PATCH {upload.location} from 1 answers {status}: {body[:200]!r}")
        return 0

