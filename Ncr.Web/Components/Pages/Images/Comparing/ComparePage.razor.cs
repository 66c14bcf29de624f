using Microsoft.AspNetCore.Components;
using Ncr.Core.Events;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;
using Ncr.Web.Account;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.Images.Comparing;

/// <summary>Two artifacts of one image side by side.</summary>
public sealed partial class ComparePage(ArtifactService artifacts, DocumentService documents, CurrentActor actor)
{
    private ArtifactDetails? _a;
    private ArtifactDetails? _b;
    private ArtifactComparison? _comparison;
    private string _reason = "";
    private bool _isLoaded;

    [Parameter]
    public string Registry { get; set; } = "";

    /// <summary>The image's name within the registry.</summary>
    [Parameter]
    public string Image { get; set; } = "";

    /// <summary>A tag or a digest.</summary>
    [SupplyParameterFromQuery(Name = "a")]
    public string? A { get; set; }

    [SupplyParameterFromQuery(Name = "b")]
    public string? B { get; set; }

    private (string, string)[] Trail => [("Registries", ConsoleUrls.Registries), (Registry, ConsoleUrls.Registry(Registry)), (Image, ConsoleUrls.Image(Registry, Image))];

    private string SizeDifference
    {
        get
        {
            var difference = _b!.Row.Size - _a!.Row.Size;
            var sizes = $"A has {ByteSize.Format(_a.Row.Size)}, B has {ByteSize.Format(_b.Row.Size)}";
            return difference == 0 ? $"{sizes}: the same." : $"{sizes}: B is {ByteSize.Format(Math.Abs(difference))} {(difference > 0 ? "larger" : "smaller")}.";
        }
    }

    protected override Task OnParametersSetAsync() => RefreshAsync();

    /// <summary>What a tag means may change.</summary>
    protected override bool Concerns(Change change) => change.Image == $"{Registry}/{Image}" || change.Type is null;

    protected override async Task RefreshAsync()
    {
        _reason = "";
        _a = await FindAsync(A);
        _b = await FindAsync(B);
        _comparison = _a is null || _b is null ? null : ArtifactComparison.Of(_a, _b);
        _isLoaded = true;
    }

    private async Task<ArtifactDetails?> FindAsync(string? text)
    {
        if (!ImageName.TryParse($"{Registry}/{Image}", out var name) || !Reference.TryParse(text, out var reference))
        {
            _reason = string.IsNullOrEmpty(text) ? "The address names no two artifacts. Open an artifact and choose 'Compare with…'." : $"'{text}' is neither a tag nor a digest.";
            return null;
        }

        var who = await actor.GetAsync();
        var digest = await documents.FindAsync(who, name, reference, Disposing);
        var details = digest is { } found ? await artifacts.FindAsync(who, name, found, Disposing) : null;
        if (details is null)
        {
            _reason = $"The image {name} has no {(reference.IsTag ? "tag" : "artifact")} '{text}'.";
        }

        return details;
    }
}
