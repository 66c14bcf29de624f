using Microsoft.AspNetCore.Components;
using Ncr.Core.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Account;

/// <summary>Where a one-time link leads: a static page, since it ends in a session.</summary>
public sealed partial class PasswordPage(UserService users, NavigationManager navigation)
{
    private string? _refusal;
    private string? _fault;
    private string? _repeatFault;
    private bool _isGood;

    [SupplyParameterFromForm]
    private Choice Input { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "user")]
    private string? User { get; set; }

    [SupplyParameterFromQuery(Name = "code")]
    private string? Code { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        Input ??= new();
        Http.Response.Headers["Referrer-Policy"] = "no-referrer"; // The address holds a secret until it is used.
        _isGood = await users.IsLinkGoodAsync(User ?? "", Code, Http.RequestAborted);
    }

    private async Task ChooseAsync()
    {
        if (!_isGood)
        {
            return; // Used meanwhile: the page says so.
        }

        var password = Input.Password;
        _fault = UserService.ExplainPassword(password);
        _repeatFault = _fault is null && Input.Repeat != password ? "The two passwords differ." : null;
        Input.Password = Input.Repeat = null; // Not into the answer's markup.
        if (_fault is not null || _repeatFault is not null)
        {
            return;
        }

        try
        {
            var user = await users.ChooseByLinkAsync(User!, Code, password!, ConsoleSession.VisitorOf(Http), Http.RequestAborted);
            await ConsoleSession.BeginAsync(Http, user);
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
            return;
        }

        navigation.NavigateTo(ConsoleUrls.Overview);
    }

    private sealed class Choice
    {
        public string? Password { get; set; }

        public string? Repeat { get; set; }
    }
}
