using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Blobs.Collection;
using Ncr.Core.Data;
using Ncr.Tests.Support;

namespace Ncr.Tests.Blobs;

/// <summary>A server whose time the tests move on, and which collects only when they say so.</summary>
public sealed class CollectionSetup : IAsyncLifetime
{
    public static readonly TimeSpan Grace = TimeSpan.FromHours(2);

    public ShiftedClock Clock { get; } = new();

    public NcrServer Server { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public CollectionService Collection => Server.Services.GetRequiredService<CollectionService>();

    public string BlobFolder => Path.Combine(Server.DataFolder, "blobs");

    public async Task InitializeAsync()
    {
        Server = await NcrServer.StartAsync(
            settings =>
            {
                settings["Ncr:Collection:Interval"] = "1.00:00:00";
                settings["Ncr:Collection:Pace"] = "100000";
                settings["Ncr:Deletion:RestoreTime"] = "00:00:00";
            },
            Clock);
        Http = Server.CreateClient();
        Clock.Advance(TimeSpan.FromMinutes(11)); // A server that has just started holds everything.
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }

    public RegistryClient NewImage(string registry = "team") => new(Http, RegistryClient.UniqueName(registry));

    public Task<CollectionRunRow> CollectAsync(bool dryRun = false) => Collection.CollectAsync(Server.Administrator, dryRun, null, CancellationToken.None);

    /// <summary>Collects, waits out those who may still be reading, and deletes the content.</summary>
    public async Task<CollectionRunRow> CollectWithContentAsync()
    {
        var run = await CollectAsync();
        Clock.Advance(TimeSpan.FromMinutes(2));
        await CollectAsync();
        return run;
    }

    internal async Task<T> QueryAsync<T>(Func<NcrDbContext, Task<T>> query)
    {
        await using var db = await Server.Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();
        return await query(db);
    }

    /// <summary>Where a blob's content lies; null when there is no such blob.</summary>
    public Task<string?> FindFileAsync(string digest) => QueryAsync(async db =>
        await db.Blobs.Where(b => b.Digest == digest).Select(b => b.Location).FirstOrDefaultAsync() is { } location ? Path.Combine(BlobFolder, location) : null);

    public async Task<string> GetFileAsync(string digest) => await FindFileAsync(digest) ?? throw new InvalidOperationException($"There is no blob {digest}.");

    public static async Task<HttpStatusCode> HeadBlobAsync(RegistryClient image, string digest)
    {
        using var response = await image.HeadAsync("blobs/" + digest);
        return response.StatusCode;
    }

    public static async Task<HttpStatusCode> DeleteAsync(RegistryClient image, string rest)
    {
        using var response = await image.DeleteAsync(rest);
        return response.StatusCode;
    }

    public static async Task<HttpStatusCode> MountAsync(RegistryClient image, string digest, string from)
    {
        using var response = await image.StartUploadAsync($"?mount={digest}&from={from}");
        return response.StatusCode;
    }
}
