using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Backups;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Blobs.Integrity;
using Ncr.Core.Data;
using Ncr.Core.Deletions;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Tests.Support;

namespace Ncr.Tests.Blobs;

/// <summary>
/// Pushes, mounts, questions, pulls and deletions of the same layers all at once, with backups, damage and its repair beside them, while the collector
/// runs with a grace time of seconds; then all that was taken in and not deleted must be there, and nothing else. NCR_STRESS_SECONDS makes it longer.
/// </summary>
public sealed class CollectionStressTests : IAsyncLifetime
{
    private const int Workers = 12;

    /// <summary>Of a hundred pushes, how many may be slower than the grace time: else nothing is said about those that are not.</summary>
    private const int LatePercent = 5;

    private const string Repaired = "other/repaired";

    private readonly ConcurrentDictionary<string, bool> _damagedOnPurpose = new();
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    private readonly byte[][] _layers = [.. Enumerable.Range(0, 40).Select(i => Oci.RandomBytes(200 + (i * 700)))];
    private readonly ConcurrentDictionary<string, Pushed> _pushed = new();
    private readonly ConcurrentQueue<(string Key, Pushed Manifest, long Deletion)> _deleted = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private NcrServer _server = null!;
    private HttpClient _http = null!;
    private int _requests;
    private int _backups;
    private int _repairs;
    private int _restored;
    private int _pushes;
    private int _late;

    public async Task InitializeAsync()
    {
        _server = await NcrServer.StartAsync(settings =>
        {
            settings["Ncr:Collection:Grace"] = Grace.ToString();
            settings["Ncr:Collection:Interval"] = "00:00:01";
            settings["Ncr:Collection:UploadLifetime"] = "00:00:30";
        });
        _http = _server.CreateClient();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Collection_AmidstEverythingElse_TakesNothingThatIsNeededAndLeavesNothingThatIsNot()
    {
        var seconds = int.Parse(Environment.GetEnvironmentVariable("NCR_STRESS_SECONDS") ?? "12", CultureInfo.InvariantCulture);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        await Task.WhenAll([
            .. Enumerable.Range(0, Workers).Select(i => Task.Run(() => WorkAsync(i, end.Token))),
            Task.Run(() => RepeatAsync(BackUpAsync, end.Token)),
            Task.Run(() => RepeatAsync(DamageAndRepairAsync, end.Token)),
        ]);
        await _server.Services.GetRequiredService<ImageService>().DeleteAsync(_server.Administrator, ImageName.Parse(Repaired), CancellationToken.None);
        Assert.Empty(_faults);
        await VerifyManifestsAsync();

        // Once nothing can be restored any more and the grace time is over, only what is needed is left.
        await PurgeAllAsync();
        await Task.Delay(Grace + TimeSpan.FromSeconds(1));
        await CollectUntilQuietAsync();
        await VerifyManifestsAsync();
        await VerifyStorageAsync();
        Assert.Empty(_faults);

        var collected = await QueryAsync(db => db.CollectionRuns.SumAsync(r => r.Blobs));
        Assert.True(_requests > 1000 && _pushes > 100 && collected > 100, $"{_requests} requests, {_pushes} pushes, {collected} blobs collected: too few to say anything.");
        Assert.True(_late * 100 <= _pushes * LatePercent, $"{_late} of {_pushes} pushes took longer than the grace time.");
        Assert.True(_restored > 10, $"{_restored} restored: too few to say anything.");
        Assert.True(_backups > 1 && _repairs > 1, $"{_backups} backups, {_repairs} repairs: too few to say anything.");
    }

    private async Task WorkAsync(int worker, CancellationToken end)
    {
        var random = new Random(worker);
        while (!end.IsCancellationRequested)
        {
            try
            {
                await (random.Next(20) switch
                {
                    < 9 => PushAsync(random, $"{(random.Next(2) == 0 ? "team" : "other")}/image-{random.Next(8)}"),
                    < 12 => DeleteAsync(random),
                    < 14 => RestoreOrPurgeAsync(random),
                    < 17 => PullAsync(random),
                    17 => PushAndDeleteImageAsync(random, worker),
                    18 => PushAndDeleteBlobAsync(random),
                    _ => AbandonAsync(random),
                });
            }
            catch (Exception exception)
            {
                _faults.Enqueue(exception.ToString());
                return;
            }
        }
    }

    private async Task RepeatAsync(Func<int, Task> work, CancellationToken end)
    {
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            try
            {
                await work(i);
            }
            catch (Exception exception)
            {
                _faults.Enqueue(exception.ToString());
                return;
            }
        }
    }

    /// <summary>All that the database names at its moment is in the backup, whatever is collected meanwhile.</summary>
    private async Task BackUpAsync(int round)
    {
        using var folder = new Commands.TemporaryFolder();
        var backup = await _server.Services.GetRequiredService<BackupService>().BackupAsync(folder["backup"], null, CancellationToken.None);
        foreach (var lost in backup.Manifest.Damage.Where(d => !_damagedOnPurpose.ContainsKey(d.Name)))
        {
            _faults.Enqueue($"Lacks {lost.Explanation} {lost.Name}");
        }

        Interlocked.Increment(ref _backups);
        await Task.Delay(500); // Content has to go too.
    }

    /// <summary>The disk changes a layer of an image, a check finds it, and a push or a file that is put back repairs it.</summary>
    private async Task DamageAndRepairAsync(int round)
    {
        var image = new RegistryClient(_http, Repaired);
        var layer = Oci.RandomBytes(5000);
        var digest = Oci.Digest(layer);
        _damagedOnPurpose[digest] = true;
        await image.PushAsync(new ImageBuilder(layerContents: [layer]), "v1");
        var location = await QueryAsync(db => db.Blobs.Where(b => b.Digest == digest).Select(b => b.Location).SingleAsync());
        var file = Path.Combine(_server.DataFolder, "blobs", location);
        await File.WriteAllBytesAsync(file, Oci.RandomBytes(5000));
        await CheckAsync();
        using (var gone = await image.GetAsync("blobs/" + digest))
        {
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        }

        if (round % 2 == 0)
        {
            await image.PushBlobAsync(layer);
        }
        else
        {
            await File.WriteAllBytesAsync(file, layer);
            Assert.Equal(1, await _server.Services.GetRequiredService<IntegrityService>().RecheckAsync(_server.Administrator, CancellationToken.None));
        }

        using var back = await image.GetAsync("blobs/" + digest);
        Assert.Equal(layer, await back.Content.ReadAsByteArrayAsync());
        Interlocked.Increment(ref _repairs);
    }

    private async Task CheckAsync()
    {
        var integrity = _server.Services.GetRequiredService<IntegrityService>();
        var last = (await integrity.GetStatusAsync(_server.Administrator, CancellationToken.None)).Last?.Id ?? 0;
        await integrity.StartAsync(_server.Administrator, isQuick: false, CancellationToken.None);
        while (true)
        {
            if ((await integrity.GetStatusAsync(_server.Administrator, CancellationToken.None)).Last is { } run && run.Id > last)
            {
                Assert.Equal((null, 1), (run.Error, run.Damaged)); // That which was collected meanwhile is no damage.
                return;
            }

            await Task.Delay(50);
        }
    }

    /// <summary>As docker does it: asks for each layer, mounts or uploads what is missing, then names them in a manifest.</summary>
    /// <returns>Whether it was taken in.</returns>
    private async Task<bool> PushAsync(Random random, string name, bool remember = true)
    {
        var image = new RegistryClient(_http, name);
        var layers = random.GetItems(_layers, random.Next(1, 4)).Distinct().ToArray();
        var built = new ImageBuilder(layerContents: layers);
        var start = TimeProvider.System.GetTimestamp();
        foreach (var blob in built.Blobs)
        {
            var digest = Oci.Digest(blob);
            var answer = await CountAsync(() => CollectionSetup.HeadBlobAsync(image, digest));
            if (answer != HttpStatusCode.OK && (random.Next(2) == 0 || await CountAsync(() => CollectionSetup.MountAsync(image, digest, $"team/image-{random.Next(8)}")) != HttpStatusCode.Created))
            {
                await CountAsync(() => image.PushBlobAsync(blob));
            }
        }

        var body = built.Build();
        using var response = await CountAsync(() => image.PutManifestAsync(Oci.Digest(body), body, built.MediaType));
        var took = TimeProvider.System.GetElapsedTime(start);
        if (response.StatusCode == HttpStatusCode.Created)
        {
            Interlocked.Increment(ref _pushes);
            if (remember)
            {
                _pushed[$"{name}@{Oci.Digest(body)}"] = new Pushed(image, Oci.Digest(body), body, built.Blobs);
            }

            return true;
        }

        // Only a push slower than the grace time may find that its layers went.
        if (took < Grace)
        {
            _faults.Enqueue($"A push to {name} of {took} was answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        Interlocked.Increment(ref _late);
        return false;
    }

    private async Task DeleteAsync(Random random)
    {
        if (Pick(random) is { } key && _pushed.TryRemove(key, out var manifest))
        {
            var answer = await CountAsync(() => CollectionSetup.DeleteAsync(manifest.Image, "manifests/" + manifest.Digest));
            if (answer != HttpStatusCode.Accepted)
            {
                _faults.Enqueue($"The deletion of {key} was answered {(int)answer}.");
            }

            _deleted.Enqueue((key, manifest, await QueryAsync(db => db.Deletions.Where(d => d.Digest == manifest.Digest).Select(d => d.Id).SingleAsync())));
        }
    }

    /// <summary>Something deleted a while ago comes back whole, collection or not; or goes for good.</summary>
    private async Task RestoreOrPurgeAsync(Random random)
    {
        if (_deleted.Count < 20 || !_deleted.TryDequeue(out var deleted))
        {
            return; // So that some grace time passes before.
        }

        if (random.Next(3) == 0)
        {
            await Deletions.PurgeAsync(_server.Administrator, deleted.Deletion, CancellationToken.None);
            return;
        }

        await Deletions.RestoreAsync(_server.Administrator, deleted.Deletion, CancellationToken.None);
        if (await FindFaultAsync(deleted.Manifest) is { } fault)
        {
            _faults.Enqueue($"Restored, but: {fault}");
        }

        _pushed[deleted.Key] = deleted.Manifest;
        Interlocked.Increment(ref _restored);
    }

    private async Task PurgeAllAsync()
    {
        while ((await Deletions.ListAsync(_server.Administrator, new PageRequest(PageRequest.MaxTake), CancellationToken.None)).Items is { Count: > 0 } left)
        {
            foreach (var row in left)
            {
                await Deletions.PurgeAsync(_server.Administrator, row.Id, CancellationToken.None);
            }
        }
    }

    private DeletionService Deletions => _server.Services.GetRequiredService<DeletionService>();

    private async Task PullAsync(Random random)
    {
        if (Pick(random) is { } key && _pushed.TryGetValue(key, out var manifest) && await FindFaultAsync(manifest) is { } fault && _pushed.ContainsKey(key))
        {
            _faults.Enqueue(fault);
        }
    }

    private async Task PushAndDeleteImageAsync(Random random, int worker)
    {
        var name = $"team/doomed-{worker}";
        if (await PushAsync(random, name, remember: false) | await PushAsync(random, name, remember: false))
        {
            await _server.Services.GetRequiredService<ImageService>().DeleteAsync(_server.Administrator, ImageName.Parse(name), CancellationToken.None);
        }
    }

    private async Task PushAndDeleteBlobAsync(Random random)
    {
        var image = new RegistryClient(_http, $"team/loose-{random.Next(1000)}");
        var digest = await CountAsync(() => image.PushBlobAsync(Oci.RandomBytes(random.Next(5000))));
        await CountAsync(() => CollectionSetup.DeleteAsync(image, "blobs/" + digest));
    }

    private async Task AbandonAsync(Random random)
    {
        var image = new RegistryClient(_http, $"team/left-{random.Next(1000)}");
        await CountAsync(() => image.PushBlobAsync(Oci.RandomBytes(random.Next(5000))));
        (await CountAsync(async () => await image.PatchAsync(await image.OpenUploadAsync(), Oci.RandomBytes(100)))).Dispose();
    }

    private string? Pick(Random random)
    {
        var keys = _pushed.Keys.ToArray();
        return keys.Length == 0 ? null : keys[random.Next(keys.Length)];
    }

    private async Task<T> CountAsync<T>(Func<Task<T>> request)
    {
        Interlocked.Increment(ref _requests);
        return await request();
    }

    private async Task VerifyManifestsAsync()
    {
        foreach (var (key, manifest) in _pushed)
        {
            var fault = await FindFaultAsync(manifest);
            Assert.True(fault is null, $"{key}: {fault}");
        }
    }

    private async Task<string?> FindFaultAsync(Pushed manifest)
    {
        using var response = await CountAsync(() => manifest.Image.GetAsync("manifests/" + manifest.Digest, ("Accept", Oci.Manifest)));
        if (response.StatusCode != HttpStatusCode.OK || !(await response.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(manifest.Body))
        {
            return $"The manifest {manifest.Digest} in {manifest.Image.Name} was answered {(int)response.StatusCode}.";
        }

        foreach (var blob in manifest.Blobs)
        {
            using var got = await CountAsync(() => manifest.Image.GetAsync("blobs/" + Oci.Digest(blob)));
            if (got.StatusCode != HttpStatusCode.OK || !(await got.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(blob))
            {
                return $"The blob {Oci.Digest(blob)} of {manifest.Digest} in {manifest.Image.Name} was answered {(int)got.StatusCode}, or with other bytes.";
            }
        }

        return null;
    }

    private async Task CollectUntilQuietAsync()
    {
        var collection = _server.Services.GetRequiredService<CollectionService>();
        for (var i = 0; i < 40; i++)
        {
            var run = await collection.CollectAsync(_server.Administrator, dryRun: false, null, CancellationToken.None);
            Assert.Null(run.Error);
            if (run.Bytes == 0 && await QueryAsync(db => db.BlobCandidates.CountAsync()) == 0 && await QueryAsync(db => db.DiscardedContent.CountAsync()) == 0
                && Directory.GetFiles(Path.Combine(_server.DataFolder, "uploads")).Length == 0)
            {
                return;
            }

            await Task.Delay(Grace / 2);
        }

        Assert.Fail("The collection does not come to an end.");
    }

    private async Task VerifyStorageAsync()
    {
        var folder = Path.Combine(_server.DataFolder, "blobs");
        var rows = await QueryAsync(db => db.Blobs.ToDictionaryAsync(b => b.Location, b => b.Size));
        var files = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(folder, f.FullName).Replace('\\', '/'), f => f.Length);
        Assert.Equal(rows.OrderBy(r => r.Key, StringComparer.Ordinal), files.OrderBy(f => f.Key, StringComparer.Ordinal));
        Assert.Equal(_pushed.Values.SelectMany(p => p.Blobs.Select(b => Oci.Digest(b))).Distinct().Count(), rows.Count);
        Assert.Empty(Directory.GetFiles(Path.Combine(_server.DataFolder, "uploads")));
        Assert.Equal(0, await QueryAsync(db => db.ImageBlobs.CountAsync(l => !db.ArtifactBlobs.Any(a => a.BlobId == l.BlobId && a.ImageId == l.ImageId))));
        Assert.Equal(0, await QueryAsync(db => db.Images.CountAsync(i => i.PushedAt == null)));

        // The figures that the writes kept up are those that adding up gives.
        foreach (var image in await QueryAsync(db => db.Images.ToListAsync()))
        {
            var blobs = await QueryAsync(db => db.ArtifactBlobs.Where(a => a.ImageId == image.Id).Select(a => a.BlobId).Distinct().Join(db.Blobs, a => a, b => b.Id, (_, b) => b.Size).SumAsync());
            var manifests = await QueryAsync(db => db.Artifacts.Where(a => a.ImageId == image.Id).SumAsync(a => (long)a.ManifestSize));
            Assert.Equal((image.Name, blobs + manifests), (image.Name, image.Size));
            Assert.Equal((image.Name, _pushed.Values.Count(p => p.Image.Name == image.Name)), (image.Name, image.ArtifactCount));
        }

        foreach (var registry in await QueryAsync(db => db.Registries.ToListAsync()))
        {
            var blobs = await QueryAsync(db => db.ArtifactBlobs.Where(a => a.RegistryId == registry.Id).Select(a => a.BlobId).Distinct().Join(db.Blobs, a => a, b => b.Id, (_, b) => b.Size).SumAsync());
            var manifests = await QueryAsync(db => db.Images.Where(i => i.RegistryId == registry.Id).Join(db.Artifacts, i => i.Id, a => a.ImageId, (_, a) => (long)a.ManifestSize).SumAsync());
            Assert.Equal((registry.Name, blobs + manifests), (registry.Name, registry.Size));
        }
    }

    private async Task<T> QueryAsync<T>(Func<NcrDbContext, Task<T>> query)
    {
        await using var db = await _server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();
        return await query(db);
    }

    private sealed record Pushed(RegistryClient Image, string Digest, byte[] Body, IReadOnlyList<byte[]> Blobs);
}
