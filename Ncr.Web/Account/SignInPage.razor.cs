using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Ncr.Core.Access;
using Ncr.Core.Hosting;
using Ncr.Web.Account.Oidc;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Account;

/// <summary>A static page: a cookie can only be set by an answer to a request.</summary>
public sealed partial class SignInPage(UserService users, NcrOptions options, SignInNotes notes, NavigationManager navigation)
{
    private string? _refusal;

    [SupplyParameterFromForm]
    private Credentials Input { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? ReturnUrl { get; set; }

    /// <summary>Why signing in at the provider failed, sealed.</summary>
    [SupplyParameterFromQuery(Name = "note")]
    private string? Note { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    private string Destination => RedirectHttpResult.IsLocalUrl(ReturnUrl) ? ReturnUrl! : ConsoleUrls.Overview;

    protected override void OnInitialized()
    {
        Input ??= new();
        if (!HttpMethods.IsGet(Http.Request.Method))
        {
            return;
        }

        if (Http.User.Identity?.IsAuthenticated == true)
        {
            navigation.NavigateTo(Destination);
        }

        _refusal = notes.Read(Note);
    }

    private async Task SignInAsync()
    {
        var password = Input.Password ?? "";
        Input.Password = null; // Not into the answer's markup; and before anything is waited for, since the form is drawn then.
        try
        {
            var user = await users.SignInAsync(Input.User ?? "", password, ConsoleSession.VisitorOf(Http), Http.RequestAborted);
            await ConsoleSession.BeginAsync(Http, user);
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
            return;
        }

        navigation.NavigateTo(Destination);
    }

    private sealed class Credentials
    {
        public string? User { get; set; }

        public string? Password { get; set; }
    }
}
