using Ncr.Core.Blobs;
using Ncr.Core.Errors;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Tests.Deletions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Images;

/// <summary>Moving tags, and what is kept of it.</summary>
public sealed class TagServiceTests(DeletionSetup setup) : IClassFixture<DeletionSetup>
{
    [Fact]
    public async Task History_TellsEachChangeOnce_TheLatestFirst()
    {
        var image = await setup.NewImageAsync();
        var name = ImageName.Parse(image.Name);
        var (one, two) = (new ImageBuilder(1), new ImageBuilder(1));
        var first = await image.PushAsync(one, "v1");
        await image.PushAsync(one, "v1"); // Changes nothing.
        var second = await image.PushAsync(two, "v1");
        await setup.Tags.MoveAsync(setup.Admin, name, "v1", Digest.Parse(first.Digest), CancellationToken.None);
        await setup.Tags.DeleteAsync(setup.Admin, name, "v1", CancellationToken.None);
        await setup.RestoreAsync((await setup.FindAsync(image.Name)).Id);
        await setup.Artifacts.DeleteAsync(setup.Admin, name, Digest.Parse(first.Digest), withParts: true, CancellationToken.None);

        var history = await setup.Tags.ListHistoryAsync(setup.Admin, name, "v1", 100, CancellationToken.None);

        Assert.Equal(
            [
                (EventTypes.TagDeleted, null, first.Digest),
                (EventTypes.TagRestored, first.Digest, null),
                (EventTypes.TagDeleted, null, first.Digest),
                (EventTypes.TagMoved, first.Digest, second.Digest),
                (EventTypes.ArtifactPushed, second.Digest, first.Digest),
                (EventTypes.ArtifactPushed, first.Digest, null),
            ],
            history.Select(h => (h.Type, h.Digest, h.Before)));
        Assert.Equal([true, false], history.Where(h => h.Type == EventTypes.ArtifactPushed).Select(h => h.IsThere));
        Assert.All(history.Where(h => h.Type == EventTypes.ArtifactPushed), h => Assert.NotNull(h.Address));
    }

    [Fact]
    public async Task List_TagsThatOnlyCarrySignatures_AreLeftOutUnlessAskedFor()
    {
        var image = await setup.NewImageAsync();
        var name = ImageName.Parse(image.Name);
        var pushed = await image.PushAsync(new ImageBuilder(1), "v1");
        await image.PushAsync(new ImageBuilder(1), $"sha256-{pushed.Digest[7..]}.sig");
        foreach (var tag in new[] { "sha256", "sha256-short", "sha256x", "z" })
        {
            await image.PushAsync(new ImageBuilder(1), tag);
        }

        Task<PageOf<TagRow>> List(PageRequest page) => setup.Tags.ListAsync(setup.Admin, name, page, CancellationToken.None);
        var plain = await List(new PageRequest());

        Assert.Equal(["sha256", "sha256-short", "sha256x", "v1", "z"], plain.Items.Select(t => t.Name));
        Assert.Equal(5, plain.Total);
        Assert.Equal(6, (await List(new PageRequest(Filter: TagService.All))).Total);
        Assert.DoesNotContain((await List(new PageRequest(Search: "sha256"))).Items, t => t.Name.EndsWith(".sig", StringComparison.Ordinal));
        Assert.Contains((await List(new PageRequest(Search: "SHA256-"))).Items, t => t.Name.EndsWith(".sig", StringComparison.Ordinal));
        Assert.Equal(1, await setup.Tags.CountAccessoryTagsAsync(setup.Admin, name, CancellationToken.None));
    }

    [Fact]
    public async Task Resolve_TakesTagsAndTheFirstDigitsOfDigests()
    {
        var image = await setup.NewImageAsync();
        var name = ImageName.Parse(image.Name);
        var pushed = await image.PushAsync(new ImageBuilder(1), "v1");

        foreach (var typed in new[] { "v1", pushed.Digest, pushed.Digest[..19], pushed.Digest[7..19] })
        {
            Assert.Equal(pushed.Digest, (await setup.Tags.ResolveAsync(setup.Admin, name, typed, CancellationToken.None)).ToString());
        }

        foreach (var typed in new[] { "v2", "sha256:", "0", "%", "ffffffffffff" })
        {
            Assert.Equal(NcrError.NotFound, (await Assert.ThrowsAsync<NcrException>(() => setup.Tags.ResolveAsync(setup.Admin, name, typed, CancellationToken.None))).Error);
        }
    }

    [Fact]
    public async Task Move_OfATagThatIsGone_SaysSo()
    {
        var image = await setup.NewImageAsync();
        var pushed = await image.PushAsync(new ImageBuilder(1), "v1");

        var exception = await Assert.ThrowsAsync<NcrException>(() => setup.Tags.MoveAsync(setup.Admin, ImageName.Parse(image.Name), "v2", Digest.Parse(pushed.Digest), CancellationToken.None));

        Assert.Contains("no tag 'v2'", exception.Message, StringComparison.Ordinal);
    }
}
