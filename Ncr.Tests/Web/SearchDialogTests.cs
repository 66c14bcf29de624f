using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Ncr.Core.Registries;
using Ncr.Core.Search;
using Ncr.Tests.Support;
using Ncr.Web.Account;
using Ncr.Web.Components.Search;

namespace Ncr.Tests.Web;

public sealed class SearchDialogTests : ConsoleContext, IClassFixture<ServerFixture>
{
    private readonly NcrServer _server;
    private readonly string _word = $"x{Guid.NewGuid():n}"[..12];

    public SearchDialogTests(ServerFixture fixture)
    {
        _server = fixture.Server;
        Context.Services.AddSingleton(TimeProvider.System); // The pause before a search has to pass.
        Context.Services.AddSingleton(_server.Services.GetRequiredService<SearchService>());
        Context.Services.AddScoped<CurrentActor>();
        Context.AddAuthorization().SetAuthorized(_server.UserName).SetClaims(new Claim(ClaimTypes.NameIdentifier, "1"));
    }

    [Fact]
    public async Task Arrows_GoRoundAndTheBoxNamesTheChoice()
    {
        await CreateAsync("a", "b", "c");
        var dialog = await OpenAsync();
        await TypeAsync(dialog, _word, 3);
        Assert.Equal(("true", "search-hit-0"), (Box(dialog).GetAttribute("aria-expanded"), Box(dialog).GetAttribute("aria-activedescendant")));

        foreach (var (key, chosen) in new[] { ("ArrowDown", 1), ("ArrowDown", 2), ("ArrowDown", 0), ("ArrowUp", 2), ("Tab", 2) })
        {
            await Box(dialog).KeyDownAsync(key);
            Assert.Equal($"search-hit-{chosen}", Box(dialog).GetAttribute("aria-activedescendant"));
            Assert.Equal($"search-hit-{chosen}", dialog.Find("[aria-selected=true]").Id);
        }
    }

    [Fact]
    public async Task Enter_OpensTheChoiceAndClosesTheDialog()
    {
        await CreateAsync("a", "b");
        var dialog = await OpenAsync();
        await TypeAsync(dialog, _word, 2);
        await Box(dialog).KeyDownAsync("ArrowDown");
        await Box(dialog).KeyDownAsync("Enter");

        Assert.EndsWith($"/registries/{_word}-b", Context.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
        dialog.WaitForAssertion(() => Assert.Empty(dialog.FindAll(".search-dialog")));
    }

    [Fact]
    public async Task Enter_BeforeTheAnswer_OpensTheFirstOfIt()
    {
        await CreateAsync("a", "b");
        var dialog = await OpenAsync();
        var typing = Box(dialog).InputAsync(_word);
        await Box(dialog).KeyDownAsync("Enter");
        await typing;

        Assert.EndsWith($"/registries/{_word}-a", Context.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Typing_On_GivesUpWhatWasAskedBefore()
    {
        await CreateAsync("a", "b");
        var dialog = await OpenAsync();
        var first = Box(dialog).InputAsync(_word);
        var second = Box(dialog).InputAsync($"{_word}-b");
        await Task.WhenAll(first, second);

        dialog.WaitForAssertion(() => Assert.Equal($"{_word}-b", Assert.Single(dialog.FindAll("[role=option]")).TextContent.Trim()));
        Assert.Equal($"{_word}-b", dialog.Find("mark").TextContent);
    }

    [Fact]
    public async Task Emptied_TheBoxHelpsAgain()
    {
        await CreateAsync("a");
        var dialog = await OpenAsync();
        await TypeAsync(dialog, _word, 1);
        await Box(dialog).InputAsync("");

        Assert.Empty(dialog.FindAll("[role=option]"));
        Assert.Contains("maintainer=anna", dialog.Find(".search-note").TextContent, StringComparison.Ordinal);
        Assert.Equal("false", Box(dialog).GetAttribute("aria-expanded"));
    }

    [Theory]
    [InlineData("team/web", "EB", "team/w<mark>eb</mark>")]
    [InlineData("team/web", "x", "team/web")]
    [InlineData("<b>", "b", "&lt;<mark>b</mark>&gt;")]
    public void Highlight_MarksTheMatch(string text, string match, string markup) =>
        Context.Render<Highlight>(p => p.Add(h => h.Text, text).Add(h => h.Matches, ["", match])).MarkupMatches(markup);

    private async Task<IRenderedComponent<MudDialogProvider>> OpenAsync()
    {
        var provider = Context.Render<MudDialogProvider>();
        await provider.InvokeAsync(() => Context.Services.GetRequiredService<IDialogService>().ShowAsync<SearchDialog>("Search"));
        provider.WaitForElement("[role=combobox]");
        return provider;
    }

    private async Task CreateAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await _server.Services.GetRequiredService<RegistryService>().CreateAsync(_server.Administrator, $"{_word}-{name}", null, CancellationToken.None);
        }
    }

    private static AngleSharp.Dom.IElement Box(IRenderedComponent<MudDialogProvider> dialog) => dialog.Find("[role=combobox]");

    private static async Task TypeAsync(IRenderedComponent<MudDialogProvider> dialog, string text, int hits)
    {
        await Box(dialog).InputAsync(text);
        dialog.WaitForAssertion(() => Assert.Equal(hits, dialog.FindAll("[role=option]").Count));
    }
}
