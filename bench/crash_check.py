"""What must hold in the data folder of a server that was just killed, whatever it was doing."""
import hashlib
import os
import shutil
import sqlite3

FIGURES = [  # what was deleted and put away (DeletionId, registry 0) counts for nothing
    ("Images.Size", """
        SELECT i.Name, i.Size, (SELECT COALESCE(SUM(ManifestSize), 0) FROM Artifacts a WHERE a.ImageId = i.Id)
          + (SELECT COALESCE(SUM(Size), 0) FROM Blobs WHERE Id IN (SELECT BlobId FROM ArtifactBlobs b WHERE b.ImageId = i.Id)) FROM Images i WHERE i.DeletionId IS NULL"""),
    ("Images.ArtifactCount", "SELECT Name, ArtifactCount, (SELECT COUNT(*) FROM Artifacts a WHERE a.ImageId = i.Id) FROM Images i WHERE i.DeletionId IS NULL"),
    ("Images.TagCount", "SELECT Name, TagCount, (SELECT COUNT(*) FROM Tags t WHERE t.ImageId = i.Id) FROM Images i WHERE i.DeletionId IS NULL"),
    ("Registries.ImageCount", "SELECT Name, ImageCount, (SELECT COUNT(*) FROM Images i WHERE i.RegistryId = r.Id AND i.PushedAt IS NOT NULL AND i.DeletionId IS NULL) FROM Registries r"),
    ("Registries.Size", """
        SELECT r.Name, r.Size, (SELECT COALESCE(SUM(ManifestSize), 0) FROM Artifacts a JOIN Images i ON i.Id = a.ImageId WHERE i.RegistryId = r.Id AND i.DeletionId IS NULL)
          + (SELECT COALESCE(SUM(Size), 0) FROM Blobs WHERE Id IN (SELECT BlobId FROM ArtifactBlobs b WHERE b.RegistryId = r.Id)) FROM Registries r"""),
]
ORPHANS = [  # rows that name what is not there; the database's own foreign keys are checked besides
    ("artifacts without a payload", "SELECT Digest FROM Artifacts WHERE Digest NOT IN (SELECT Digest FROM Manifests)"),
    ("payloads without an artifact", "SELECT Digest FROM Manifests WHERE Digest NOT IN (SELECT Digest FROM Artifacts)"),
    ("tags of another image's artifact", "SELECT t.Name FROM Tags t JOIN Artifacts a ON a.Id = t.ArtifactId WHERE a.ImageId != t.ImageId"),
    ("artifacts whose blob has no link", """
        SELECT a.Digest FROM ArtifactBlobs b JOIN Artifacts a ON a.Id = b.ArtifactId
        WHERE b.RegistryId <> 0 AND NOT EXISTS (SELECT 1 FROM ImageBlobs l WHERE l.ImageId = b.ImageId AND l.BlobId = b.BlobId)"""),
    ("artifacts pushed without an event", "SELECT Digest FROM Artifacts WHERE Digest NOT IN (SELECT Digest FROM Events WHERE Digest IS NOT NULL)"),
]


class Stopped:
    """The data folder while no server runs on it. The database is looked at in a copy: the server itself has to put its log in order."""

    def __init__(self, data, scratch):
        self.data = data
        shutil.rmtree(scratch, ignore_errors=True)
        os.makedirs(scratch)
        for name in ("ncr.db", "ncr.db-wal"):
            if os.path.exists(os.path.join(data, name)):
                shutil.copy(os.path.join(data, name), scratch)
        self.db = sqlite3.connect(os.path.join(scratch, "ncr.db"))

    def close(self):
        self.db.close()

    def rows(self, sql):
        return self.db.execute(sql).fetchall()

    def faults(self):
        """What is wrong by itself, without asking what was promised."""
        found = [f"integrity_check: {x}" for (x,) in self.rows("PRAGMA integrity_check") if x != "ok"]
        found += [f"foreign_key_check: {x}" for x in self.rows("PRAGMA foreign_key_check")]
        for what, sql in FIGURES:
            found += [f"{what} of {name} is {stored}, but {counted} by counting" for name, stored, counted in self.rows(sql) if stored != counted]
        for what, sql in ORPHANS:
            found += [f"{what}: {x}" for (x,) in self.rows(sql)]
        for digest, size, location, damaged in self.rows("SELECT Digest, Size, Location, DamagedAt FROM Blobs"):
            try:
                length = os.stat(os.path.join(self.data, "blobs", location)).st_size
            except FileNotFoundError:
                length = None
            if length != size or damaged:
                found.append(f"the blob {digest} at {location} has {length} bytes instead of {size}{', marked as damaged' if damaged else ''}")
        for digest, payload in self.rows("SELECT Digest, Payload FROM Manifests"):
            if "sha256:" + hashlib.sha256(payload).hexdigest() != digest:
                found.append(f"the payload of the manifest {digest} has another digest")
        return found

    def facts(self):
        """Facts of each image, as crash_model.Image keeps them."""
        found = {}
        for sql, kind in (("SELECT i.Name, b.Digest, 1 FROM ImageBlobs l JOIN Images i ON i.Id = l.ImageId AND i.DeletionId IS NULL JOIN Blobs b ON b.Id = l.BlobId", "blob"),
                          ("SELECT i.Name, a.Digest, 1 FROM Artifacts a JOIN Images i ON i.Id = a.ImageId AND i.DeletionId IS NULL", "manifest"),
                          ("SELECT i.Name, t.Name, a.Digest FROM Tags t JOIN Images i ON i.Id = t.ImageId AND i.DeletionId IS NULL JOIN Artifacts a ON a.Id = t.ArtifactId", "tag")):
            for image, key, value in self.rows(sql):
                found.setdefault(image, {})[kind, key] = True if kind != "tag" else value
        return found

    def leftovers(self):
        """Files that no row names: (in uploads/, in blobs/)."""
        named = {x for (x,) in self.rows("SELECT Location FROM Blobs")} | {x for (x,) in self.rows("SELECT Location FROM DiscardedContent")}
        folder = os.path.join(self.data, "blobs")
        stored = [f"{part}/{name}" for part in os.listdir(folder) for name in os.listdir(os.path.join(folder, part))]
        return os.listdir(os.path.join(self.data, "uploads")), [x for x in stored if x not in named]
