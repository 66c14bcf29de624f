using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Tests.Deletions;
using Ncr.Tests.Support;

namespace Ncr.Tests.Paging;

/// <summary>Paging by key gives each row once, in order, forwards and backwards, also among equals and where there is no value.</summary>
public sealed class KeysetTests(DeletionSetup setup) : IClassFixture<DeletionSetup>
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("Size", false)]
    [InlineData("Size", true)]
    [InlineData("PulledAt", false)]
    [InlineData("PulledAt", true)]
    [InlineData("PullCount", false)]
    [InlineData("PullCount", true)]
    public async Task Artifacts_InPagesOfThree_AreTheWholeList(string? sort, bool descending)
    {
        var image = await setup.NewImageAsync();
        for (var i = 0; i < 11; i++)
        {
            var pushed = await image.PushAsync(new ImageBuilder(layerContents: [Oci.RandomBytes(100 * (1 + (i % 4)))]), $"t{i}");
            if (i % 3 == 0)
            {
                using var pulled = await image.GetAsync($"manifests/{pushed.Digest}");
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(4)); // Pulls are written every three.
        await CompareAsync(p => setup.Artifacts.ListAsync(setup.Admin, ImageName.Parse(image.Name), p, CancellationToken.None), r => r.Digest, sort, descending, 11);
    }

    [Theory]
    [InlineData("Name", false)]
    [InlineData("Name", true)]
    [InlineData("PushedAt", true)]
    public async Task Tags_InPagesOfThree_AreTheWholeList(string sort, bool descending)
    {
        var image = await setup.NewImageAsync();
        var built = new ImageBuilder(1);
        for (var i = 0; i < 10; i++)
        {
            await image.PushAsync(built, $"{(char)('A' + (i * 7 % 10))}.{i}_x");
        }

        await CompareAsync(p => setup.Tags.ListAsync(setup.Admin, ImageName.Parse(image.Name), p, CancellationToken.None), r => r.Name, sort, descending, 10);
    }

    [Fact]
    public async Task ACursorThatIsNone_OrWhoseRowsWent_ShowsWhatThereIs()
    {
        var image = await setup.NewImageAsync();
        var name = ImageName.Parse(image.Name);
        foreach (var tag in new[] { "a", "b", "c" })
        {
            await image.PushAsync(new ImageBuilder(1), tag);
        }

        foreach (var cursor in new[] { "nonsense", "-1.x", "9999999999999999999999.a", "1" })
        {
            Assert.Equal(3, (await setup.Tags.ListAsync(setup.Admin, name, new PageRequest(After: cursor), CancellationToken.None)).Items.Count);
        }

        var first = await setup.Tags.ListAsync(setup.Admin, name, new PageRequest(Take: 2), CancellationToken.None);
        await setup.Tags.DeleteAsync(setup.Admin, name, "c", CancellationToken.None);
        var after = await setup.Tags.ListAsync(setup.Admin, name, new PageRequest(Take: 2, After: first.Next), CancellationToken.None);
        Assert.Equal(["a", "b"], after.Items.Select(t => t.Name));
    }

    private static async Task CompareAsync<T>(Func<PageRequest, Task<PageOf<T>>> read, Func<T, string> key, string? sort, bool descending, int count)
    {
        var whole = (await read(new PageRequest(Take: 100, Sort: sort, Descending: descending))).Items.Select(key).ToList();
        Assert.Equal(count, whole.Distinct().Count());
        var request = new PageRequest(Take: 3, Sort: sort, Descending: descending);
        var page = await read(request);
        Assert.Null(page.Previous);
        var forwards = page.Items.Select(key).ToList();
        while (page.Next is not null)
        {
            page = await read(request with { After = page.Next });
            forwards.AddRange(page.Items.Select(key));
        }

        Assert.Equal(whole, forwards);
        var backwards = page.Items.Select(key).ToList();
        while (page.Previous is not null)
        {
            page = await read(request with { Before = page.Previous });
            backwards = [.. page.Items.Select(key).Where(k => !backwards.Contains(k)), .. backwards];
        }

        Assert.Equal(whole, backwards);
    }
}
