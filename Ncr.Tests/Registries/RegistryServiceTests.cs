using Microsoft.Extensions.DependencyInjection;
using Ncr.Core.Access;
using Ncr.Core.Errors;
using Ncr.Core.Images;
using Ncr.Core.Paging;
using Ncr.Core.Registries;
using Ncr.Tests.Support;

namespace Ncr.Tests.Registries;

public sealed class RegistryServiceTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private RegistryService Registries => fixture.Server.Services.GetRequiredService<RegistryService>();

    private Actor Admin => fixture.Server.Administrator;

    [Theory]
    [InlineData("team", null)]
    [InlineData("a", null)]
    [InlineData("0", null)]
    [InlineData("my-team_1.x__y---z", null)]
    [InlineData("", "Enter")]
    [InlineData("Team", "lower-case")]
    [InlineData("te am", "Spaces")]
    [InlineData("team/app", "'/'")]
    [InlineData("-team", "Start")]
    [InlineData("team.", "End")]
    [InlineData("te..am", "Between")]
    [InlineData("te___am", "Between")]
    public void Explain_TellsWhatIsWrong(string name, string? word)
    {
        var explanation = RegistryName.Explain(name);

        if (word is null)
        {
            Assert.Null(explanation);
        }
        else
        {
            Assert.Contains(word, explanation, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Create_OfAKnownName_IsAConflict()
    {
        var exception = await Assert.ThrowsAsync<NcrException>(() => Registries.CreateAsync(Admin, "team", null, CancellationToken.None));

        Assert.Equal(NcrError.Conflict, exception.Error);
    }

    [Fact]
    public async Task List_PagesSortsAndSearchesWithItsSignsMeaningThemselves()
    {
        foreach (var name in new[] { "list-a_b", "list-axb", "list-c" })
        {
            await Registries.CreateAsync(Admin, name, null, CancellationToken.None);
        }

        var first = await Registries.ListAsync(Admin, new PageRequest(Take: 1, Search: "LIST-", Sort: "Name", Descending: true), CancellationToken.None);
        var page = await Registries.ListAsync(Admin, new PageRequest(Take: 1, Search: "LIST-", Sort: "Name", Descending: true, After: first.Next), CancellationToken.None);
        var underscore = await Registries.ListAsync(Admin, new PageRequest(Search: "a_b"), CancellationToken.None);

        Assert.Equal((3, "list-axb"), (page.Total, Assert.Single(page.Items).Name));
        Assert.Equal("list-a_b", Assert.Single(underscore.Items).Name);
    }

    [Fact]
    public async Task Commands_OfAStranger_AreDenied()
    {
        var stranger = new Actor(4711, "stranger");

        foreach (var command in new Func<Task>[]
        {
            () => Registries.CreateAsync(stranger, "mine", null, CancellationToken.None),
            () => Registries.DeleteAsync(stranger, "team", CancellationToken.None),
            () => Registries.ListAsync(stranger, new PageRequest(), CancellationToken.None),
            () => fixture.Server.Services.GetRequiredService<ImageService>().ListNamesAsync(stranger, null, 10, CancellationToken.None),
        })
        {
            Assert.Equal(NcrError.Denied, (await Assert.ThrowsAsync<NcrException>(command)).Error);
        }
    }
}
