using Microsoft.AspNetCore.Components;
using Ncr.Core.Access;
using Ncr.Web.Components;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Account;

/// <summary>A new server's first page; a static one, since it ends in a session.</summary>
public sealed partial class SetupPage(SetupService setup, ServerAddress address, NavigationManager navigation)
{
    private Dictionary<string, string> _faults = [];
    private string? _refusal;

    [SupplyParameterFromForm]
    private FirstUser Input { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "code")]
    private string? Code { get; set; }

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        Input ??= new();
        if (!await setup.IsNeededAsync(Http.RequestAborted))
        {
            navigation.NavigateTo(ConsoleUrls.Overview);
        }
    }

    private string? Fault(string field) => _faults.GetValueOrDefault(field);

    private async Task SetUpAsync()
    {
        _faults = new Dictionary<string, string>(UserService.Explain(Input.User, Input.Password));
        if (_faults.Count == 0 && Input.Repeat != Input.Password)
        {
            _faults["Repeat"] = "The two passwords differ.";
        }

        var password = Input.Password!;
        Input.Password = Input.Repeat = null; // Not into the answer's markup.
        if (_faults.Count > 0)
        {
            return;
        }

        try
        {
            var user = await setup.CompleteAsync(Code, Input.User!, password, ConsoleSession.VisitorOf(Http), Http.RequestAborted);
            await ConsoleSession.BeginAsync(Http, user);
        }
        catch (Exception exception) when (Refusals.Of(exception) is { } refusal)
        {
            _refusal = refusal.Message;
            return;
        }

        navigation.NavigateTo(ConsoleUrls.Overview);
    }

    private sealed class FirstUser
    {
        public string? User { get; set; }

        public string? Password { get; set; }

        public string? Repeat { get; set; }
    }
}
