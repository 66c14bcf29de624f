using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Ncr.Core.Registries;
using Ncr.Web.Components.Pages.Images;
using Ncr.Web.Components.Pages.Registries;
using Ncr.Web.Components.Shared;

namespace Ncr.Tests.Web;

public sealed class DialogTests : ConsoleContext
{
    [Fact]
    public async Task ConfirmDialog_Opened_NamesWhatIsLostAndAnswersTheClick()
    {
        var provider = Context.Render<MudDialogProvider>();
        var answer = provider.InvokeAsync(() => Dialogs.ConfirmAsync("Delete the image web?", "Delete image", ["It goes:"], ["3 artifacts", "2 tags"]));

        provider.WaitForAssertion(() => Assert.Equal(["3 artifacts", "2 tags"], provider.FindAll(".losses li").Select(l => l.TextContent)));
        Assert.Equal("Delete image", provider.FindAll(".mud-dialog-actions button")[^1].TextContent.Trim());
        await provider.FindAll(".mud-dialog-actions button")[^1].ClickAsync(new());
        Assert.True(await answer);
    }

    [Fact]
    public async Task ConfirmDialog_Cancelled_AnswersNo()
    {
        var provider = Context.Render<MudDialogProvider>();
        var answer = provider.InvokeAsync(() => Dialogs.ConfirmAsync("Delete?", "Delete", []));

        provider.WaitForElement(".mud-dialog-actions button");
        await provider.FindAll(".mud-dialog-actions button")[0].ClickAsync(new());
        Assert.False(await answer);
    }

    [Fact]
    public async Task CreateRegistryDialog_ABadName_ExplainsItAndMakesNothing()
    {
        var made = new List<string>();
        var provider = await OpenAsync<CreateRegistryDialog>(new DialogParameters<CreateRegistryDialog> { { d => d.Create, (string name, RegistrySettings _) => Record(made, null)(name) } });

        await TypeAsync(provider, "My-Shop");
        provider.WaitForAssertion(() => Assert.Contains("Use lower-case letters", provider.Markup, StringComparison.Ordinal));
        await provider.Find("form").SubmitAsync();
        Assert.Empty(made);
    }

    [Fact]
    public async Task CreateRegistryDialog_AGoodName_ShowsTheAddressAndMakesIt()
    {
        var made = new List<string>();
        var provider = await OpenAsync<CreateRegistryDialog>(new DialogParameters<CreateRegistryDialog> { { d => d.Create, (string name, RegistrySettings _) => Record(made, null)(name) } });

        await TypeAsync(provider, "shop");
        provider.WaitForAssertion(() => Assert.Contains("registry.example.com/shop/", provider.Find(".address-preview").TextContent, StringComparison.Ordinal));
        await provider.Find("form").SubmitAsync();
        Assert.Equal(["shop"], made);
        provider.WaitForAssertion(() => Assert.Empty(provider.FindAll(".mud-dialog")));
    }

    [Fact]
    public async Task CreateTagDialog_Refused_StaysOpenWithTheReason()
    {
        var parameters = new DialogParameters<CreateTagDialog> { { d => d.Digest, "sha256:012345678901" }, { d => d.Create, Record([], "The tag '1.0' exists already.") } };
        var provider = await OpenAsync<CreateTagDialog>(parameters);

        await TypeAsync(provider, "1.0");
        await provider.Find("form").SubmitAsync();
        provider.WaitForAssertion(() => Assert.Contains("The tag '1.0' exists already.", provider.Markup, StringComparison.Ordinal));
        Assert.NotEmpty(provider.FindAll(".mud-dialog"));
    }

    private IDialogService Dialogs => Context.Services.GetRequiredService<IDialogService>();

    private async Task<IRenderedComponent<MudDialogProvider>> OpenAsync<TDialog>(DialogParameters parameters)
        where TDialog : IComponent
    {
        var provider = Context.Render<MudDialogProvider>();
        await provider.InvokeAsync(() => Dialogs.ShowAsync<TDialog>("", parameters));
        provider.WaitForElement(".mud-dialog form");
        return provider;
    }

    private static Task TypeAsync(IRenderedComponent<MudDialogProvider> provider, string text) => provider.Find(".mud-dialog input").InputAsync(text);

    private static Func<string, Task<string?>> Record(List<string> made, string? refusal) => name =>
    {
        made.Add(name);
        return Task.FromResult(refusal);
    };
}
