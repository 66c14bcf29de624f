using Microsoft.AspNetCore.Components;
using MudBlazor;
using Ncr.Core.Access;
using Ncr.Core.Registries;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Registries;

/// <summary>What can be chosen of a registry. What makes it harder or easier to reach is asked for once more.</summary>
public sealed partial class RegistrySettingsForm(RegistryService registries, PrivateEntrance entrance, CurrentActor actor, IDialogService dialogs, ISnackbar snackbar)
{
    private RegistrySettings? _loaded;
    private string? _description;
    private string? _networks;
    private string? _networkFault;
    private string? _refusal;
    private bool _isPublicUriOn;
    private bool _allowsAnonymousPull;
    private bool _recordsPulls;
    private bool _isBusy;

    [Parameter, EditorRequired]
    public string Registry { get; set; } = "";

    /// <summary>As they are.</summary>
    [Parameter, EditorRequired]
    public RegistrySettings Settings { get; set; } = RegistrySettings.None;

    private PrivateEntrance Entrance => entrance;

    private string? PrivateUri => entrance.Address is { } address ? $"{address.Authority}/{Registry}" : null;

    private RegistrySettings Chosen => new(
        string.IsNullOrWhiteSpace(_description) ? null : _description.Trim(),
        _isPublicUriOn,
        NetworkList.TryParse(_networks ?? "", out var list, out _) ? list.IsEmpty ? null : list.ToString() : _networks,
        _allowsAnonymousPull,
        _recordsPulls);

    private bool IsChanged => Chosen != Settings;

    protected override void OnParametersSet()
    {
        // What another changed meanwhile shows, unless it would overwrite what one is typing.
        if (_loaded is null || (_loaded != Settings && Chosen == _loaded))
        {
            Reset();
        }
    }

    private void Reset()
    {
        _loaded = Settings;
        (_description, _isPublicUriOn, _allowsAnonymousPull, _recordsPulls) = (Settings.Description, Settings.IsPublicUriOn, Settings.AllowsAnonymousPull, Settings.RecordsPulls);
        _networks = Settings.Networks?.Replace(',', '\n');
        (_networkFault, _refusal) = (null, null);
    }

    private async Task SaveAsync()
    {
        _refusal = null;
        _networkFault = NetworkList.TryParse(_networks ?? "", out _, out var fault) ? null : fault;
        if (_isBusy || _networkFault is not null || !IsChanged || !await IsMeantAsync())
        {
            return;
        }

        _isBusy = true;
        _refusal = await Refusals.TryAsync(async () => await registries.ChangeAsync(await actor.GetAsync(), Registry, Chosen, CancellationToken.None));
        _isBusy = false;
        if (_refusal is null)
        {
            _loaded = Chosen;
            snackbar.Add("Saved.", Severity.Success);
        }
    }

    private async Task<bool> IsMeantAsync()
    {
        List<string> lines = [];
        var chosen = Chosen;
        if (Settings.IsPublicUriOn && !chosen.IsPublicUriOn)
        {
            lines.Add("Images stored in this registry will not be accessible from the outside any more, at once: neither for people nor for servers and pipelines that pull or push them. Check first which ones do.");
        }

        if (chosen.Networks is not null && chosen.Networks != Settings.Networks)
        {
            lines.Add($"Its images can then be reached from {chosen.Networks.Replace(",", ", ", StringComparison.Ordinal)} only.");
        }

        if (lines.Count > 0 && !entrance.Lets(await actor.GetAsync(), chosen))
        {
            lines.Add("You are outside yourself: you will not see its images here any more. These settings you can still change.");
        }

        if (chosen.AllowsAnonymousPull && !Settings.AllowsAnonymousPull)
        {
            lines.Add("Anybody who can reach this server will be able to list and pull all images in it, without signing in.");
        }

        return lines.Count == 0 || await dialogs.ConfirmAsync(new ConfirmQuestion($"Change who reaches {Registry}?", "Save", lines) { Closing = "You can change it back at any time." });
    }
}
