using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Blobs;
using Ncr.Core.Data;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Core.Registries;
using Ncr.Core.Search;
using Ncr.Tests.Support;

namespace Ncr.Tests.Search;

public sealed class SearchTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly string _word = $"x{Guid.NewGuid():n}"[..12];

    private IServiceProvider Services => fixture.Server.Services;

    private Actor Admin => fixture.Server.Administrator;

    [Fact]
    public async Task Registries_AreFoundByAnyPartAndThoseThatBeginSoComeFirst()
    {
        await CreateRegistryAsync($"a-{_word}");
        await CreateRegistryAsync($"{_word}-b");

        Assert.Equal([$"{_word}-b", $"a-{_word}"], (await FindAsync(_word.ToUpperInvariant(), SearchKind.Registry)).Select(h => h.Registry));
    }

    [Fact]
    public async Task Images_AreFoundByAnyPart_ByTheWholeNameAndByAnAddress()
    {
        await PushAsync($"team/one{_word}", "v1");
        await PushAsync($"team/{_word}/api", "v1");

        Assert.Equal([$"{_word}/api", $"one{_word}"], (await FindAsync(_word, SearchKind.Image)).Select(h => h.Image));
        Assert.Equal($"{_word}/api", Assert.Single(await FindAsync($"team/{_word}", SearchKind.Image)).Image);
        Assert.Equal($"{_word}/api", Assert.Single(await FindAsync($"https://registry.example.com/team/{_word}/api", SearchKind.Image)).Image);
        Assert.Equal($"{_word}/api", Assert.Single(await FindAsync($"localhost:8080/team/{_word}/api:v1", SearchKind.Image)).Image);
    }

    [Fact]
    public async Task Tags_AreFoundByAnyPart_TheWholeNameFirst_ThenThoseThatBeginSo()
    {
        await PushAsync("team/within", $"v{_word}");
        await PushAsync("team/longer", $"{_word.ToUpperInvariant()}.1");
        var pushed = await PushAsync("team/exact", _word);

        foreach (var text in new[] { _word, _word.ToUpperInvariant() })
        {
            var hits = await FindAsync(text, SearchKind.Tag);

            Assert.Equal([$"exact:{_word}", $"longer:{_word.ToUpperInvariant()}.1", $"within:v{_word}"], hits.Select(h => $"{h.Image}:{h.Tag}"));
            Assert.Equal(pushed.Digest, hits[0].Digest);
        }
    }

    [Fact]
    public async Task Tags_WithAnImageBefore_AreThoseOfThatImage()
    {
        await PushAsync($"team/{_word}", "1.0");
        await PushAsync($"team/sub/{_word}", "1.1");
        await PushAsync($"team/{_word}-other", "1.2");
        await PushAsync($"team/{_word}", "RC-1");

        Assert.Equal([$"{_word}:RC-1"], (await FindAsync($"{_word}:rc", SearchKind.Tag)).Select(h => $"{h.Image}:{h.Tag}"));
        Assert.Equal([$"{_word}:1.0", $"sub/{_word}:1.1"], (await FindAsync($"{_word}:1.", SearchKind.Tag)).Select(h => $"{h.Image}:{h.Tag}"));
        Assert.Equal([$"{_word}:1.0"], (await FindAsync($"team/{_word}:1.0", SearchKind.Tag)).Where(h => h.Image == _word).Select(h => $"{h.Image}:{h.Tag}"));
        Assert.Equal(3, (await FindAsync($"{_word}:", SearchKind.Tag)).Count);
    }

    [Fact]
    public async Task Tags_OfCosign_AreFoundOnlyByTheirBeginning()
    {
        var tag = $"sha256-{new string('a', 52)}{_word}.sig";
        await PushAsync($"team/{_word}", tag);

        Assert.Empty(await FindAsync("sha2", SearchKind.Tag));
        Assert.Equal(tag, Assert.Single(await FindAsync(tag[..65], SearchKind.Tag)).Tag);
    }

    [Theory]
    [InlineData("sha256:", 12)]
    [InlineData("", 8)]
    [InlineData("", 64)]
    public async Task Digests_AreFoundByTheirStart(string algorithm, int digits)
    {
        var pushed = await PushAsync($"team/{_word}", "1.0");
        var hex = Digest.Parse(pushed.Digest).Hex;

        var hit = Assert.Single(await FindAsync(algorithm + hex[..digits].ToUpperInvariant(), SearchKind.Digest));

        Assert.Equal((pushed.Digest, _word, "1.0"), (hit.Digest, hit.Image, hit.Tag));
        Assert.Empty(await FindAsync(hex[..3], SearchKind.Digest));
    }

    [Fact]
    public async Task Labels_AreFoundByNameAndValueOrTheStartOfEither()
    {
        await PushAsync($"team/{_word}", "1.0", new ImageBuilder(config: Encoding.UTF8.GetBytes($$$"""{"config":{"Labels":{"name{{{_word}}}":"Anna Ü😀"}},"architecture":"amd64","os":"linux"}""")));
        await PushAsync($"team/{_word}", "2.0", new ImageBuilder { Annotations = new() { ["org.opencontainers.image.title"] = $"title{_word}" } });

        foreach (var text in new[] { $"name{_word}", $"NAME{_word}=anna", $"name{_word}=", $"name{_word}=An", $"name{_word}=Anna Ü", $"name{_word} = Anna Ü😀" })
        {
            var hit = Assert.Single(await FindAsync(text, SearchKind.Label));
            Assert.Equal((_word, "1.0", $"name{_word}", "Anna Ü😀"), (hit.Image, hit.Tag, hit.LabelName, hit.LabelValue));
        }

        foreach (var text in new[] { $"title{_word}", $"title=title{_word}", $"org.opencontainers.image.title=title{_word}" })
        {
            Assert.Equal("2.0", Assert.Single(await FindAsync(text, SearchKind.Label)).Tag);
        }
    }

    [Fact]
    public async Task Labels_OfManyVersions_AreShownOnceAnImage()
    {
        var labels = new Dictionary<string, string> { ["team"] = _word };
        await PushAsync($"team/{_word}", "1.0", new ImageBuilder { Annotations = labels });
        await PushAsync($"team/{_word}", "2.0", new ImageBuilder { Annotations = labels });
        await PushAsync($"team/{_word}-b", "1.0", new ImageBuilder { Annotations = labels });

        Assert.Equal([$"{_word}-b:1.0", $"{_word}:2.0"], (await FindAsync($"team={_word}", SearchKind.Label)).Select(h => $"{h.Image}:{h.Tag}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task More_ThanFit_IsSaid()
    {
        for (var i = 0; i < SearchService.MaxHits + 1; i++)
        {
            await PushAsync($"team/{_word}", $"{_word}.{i}");
        }

        var group = Assert.Single(await SearchAsync($"{_word}."), g => g.Kind == SearchKind.Tag);
        Assert.Equal((SearchService.MaxHits, true), (group.Hits.Count, group.HasMore));
    }

    [Fact]
    public async Task Deleted_ThingsAreNotFound()
    {
        var registry = $"{_word}-gone";
        await CreateRegistryAsync(registry);
        await PushAsync($"{registry}/app", $"{_word}-1");
        var labels = new Dictionary<string, string> { [$"l{_word}"] = _word };
        var image = await PushAsync($"team/{_word}", $"{_word}-2", new ImageBuilder { Annotations = labels });
        var artifact = await PushAsync($"other/app{_word}", $"{_word}-3", new ImageBuilder { Annotations = labels });
        await PushAsync($"other/app{_word}", $"{_word}-4");
        Assert.Equal(4, (await FindAsync(_word, SearchKind.Tag)).Count);

        await Services.GetRequiredService<RegistryService>().DeleteAsync(Admin, registry, CancellationToken.None);
        await Services.GetRequiredService<ImageService>().DeleteAsync(Admin, ImageName.Parse($"team/{_word}"), CancellationToken.None);
        await Services.GetRequiredService<ArtifactService>().DeleteAsync(Admin, ImageName.Parse($"other/app{_word}"), Digest.Parse(artifact.Digest), withParts: true, CancellationToken.None);

        Assert.Empty(await FindAsync(_word, SearchKind.Registry));
        Assert.Equal($"app{_word}", Assert.Single(await FindAsync(_word, SearchKind.Image)).Image);
        Assert.Equal($"{_word}-4", Assert.Single(await FindAsync(_word, SearchKind.Tag)).Tag);
        Assert.Empty(await SearchAsync(image.Digest));
        Assert.Empty(await SearchAsync(artifact.Digest));
        Assert.Empty(await FindAsync($"l{_word}", SearchKind.Label));
        Assert.Empty(await FindAsync($"l{_word}={_word}", SearchKind.Label));
        Assert.Empty(await FindAsync(_word, SearchKind.Label));
    }

    [Fact]
    public async Task Deleted_ThingsCrowdOutNone_HoweverMany()
    {
        var labels = new Dictionary<string, string> { [$"l{_word}"] = _word };
        var image = $"team/{_word}";
        var pushed = await PushAsync(image, $"{_word}", new ImageBuilder { Annotations = labels });
        await AddManyAsync(image, pushed.Digest, $"{_word}-1", 600);
        await Services.GetRequiredService<ImageService>().DeleteAsync(Admin, ImageName.Parse(image), CancellationToken.None);
        await PushAsync($"{image}-left", $"{_word}-2", new ImageBuilder { Annotations = labels });
        await PushAsync($"{image}-left", $"v-{_word}");

        Assert.Equal([$"{_word}-2", $"v-{_word}"], (await FindAsync(_word, SearchKind.Tag)).Select(h => h.Tag));
        Assert.Equal($"v-{_word}", Assert.Single(await FindAsync($"-{_word}", SearchKind.Tag)).Tag);
        foreach (var text in new[] { $"l{_word}", $"l{_word}={_word}", _word })
        {
            Assert.Equal($"{_word}-left", Assert.Single(await FindAsync(text, SearchKind.Label)).Image);
        }
    }

    [Fact]
    public async Task Tags_OfAnImageWithMany_AreFoundByTheirStart()
    {
        var image = $"team/{_word}";
        await AddManyAsync(image, (await PushAsync(image, "Latest")).Digest, "V", TagSearch.Few);
        await PushAsync($"team/{_word}-other", "v00012");

        Assert.Equal(["V00012"], (await FindAsync($"{image}:v00012", SearchKind.Tag)).Where(h => h.Image == _word).Select(h => h.Tag));
        Assert.Equal(["Latest"], (await FindAsync($"{image}:late", SearchKind.Tag)).Where(h => h.Image == _word).Select(h => h.Tag));
        Assert.Equal(SearchService.MaxHits, (await FindAsync($"{image}:v", SearchKind.Tag)).Count);
        Assert.Equal(SearchService.MaxHits, (await FindAsync($"{image}:", SearchKind.Tag)).Count);
        Assert.Empty(await FindAsync($"{image}:nothing", SearchKind.Tag));
    }

    [Theory]
    [InlineData("%")]
    [InlineData("a_b")]
    public async Task Signs_MeanThemselves(string text)
    {
        await CreateRegistryAsync($"axb-{_word}");

        Assert.DoesNotContain(await FindAsync(text, SearchKind.Registry), h => h.Registry.Contains(_word, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Strangers_AreDenied()
    {
        foreach (var (actor, error) in new[] { (new Actor(4711, "stranger"), NcrError.Denied), (Actor.Anonymous(null), NcrError.Unauthenticated) })
        {
            var exception = await Assert.ThrowsAsync<NcrException>(() => Services.GetRequiredService<SearchService>().SearchAsync(actor, "team", CancellationToken.None));
            Assert.Equal(error, exception.Error);
        }
    }

    private Task<IReadOnlyList<SearchGroup>> SearchAsync(string text) => Services.GetRequiredService<SearchService>().SearchAsync(Admin, text, CancellationToken.None);

    private async Task<IReadOnlyList<SearchHit>> FindAsync(string text, SearchKind kind) => (await SearchAsync(text)).FirstOrDefault(g => g.Kind == kind)?.Hits ?? [];

    private Task<RegistryRow> CreateRegistryAsync(string name) => Services.GetRequiredService<RegistryService>().CreateAsync(Admin, name, null, CancellationToken.None);

    /// <summary>More tags, each of an artifact like the one of that digest.</summary>
    private async Task AddManyAsync(string image, string digest, string start, int count)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<NcrDbContext>>().CreateDbContextAsync();
        var known = await db.Artifacts.FirstAsync(a => a.Image!.Name == image && a.Digest == digest);
        var labels = await db.ArtifactLabels.Where(l => l.ArtifactId == known.Id).ToListAsync();
        for (var i = 0; i < count; i++)
        {
            var artifact = i >= 1000 ? known : new Artifact
            {
                ImageId = known.ImageId,
                Digest = Oci.UnknownDigest(),
                MediaType = known.MediaType,
                Type = known.Type,
                PushedAt = known.PushedAt,
                PushedBy = known.PushedBy,
            };
            if (artifact != known)
            {
                db.Artifacts.Add(artifact);
            }

            db.Tags.Add(new Tag { ImageId = known.ImageId, Artifact = artifact == known ? null : artifact, ArtifactId = artifact.Id, Name = $"{start}{i:00000}", PushedAt = known.PushedAt, PushedBy = known.PushedBy });
        }

        await db.SaveChangesAsync();
        foreach (var id in labels.Count == 0 ? [] : await db.Artifacts.Where(a => a.ImageId == known.ImageId && a.Id != known.Id).Select(a => a.Id).ToListAsync())
        {
            db.ArtifactLabels.AddRange(labels.Select(l => new ArtifactLabel { ArtifactId = id, Name = l.Name, Value = l.Value }));
        }

        await db.SaveChangesAsync();
        await db.Images.Where(i => i.Id == known.ImageId).ExecuteUpdateAsync(s => s.SetProperty(i => i.TagCount, i => i.TagCount + count));
    }

    private Task<Support.PushedManifest> PushAsync(string image, string tag, ImageBuilder? content = null) => new RegistryClient(fixture.Http, image).PushAsync(content ?? new ImageBuilder(), tag);
}
