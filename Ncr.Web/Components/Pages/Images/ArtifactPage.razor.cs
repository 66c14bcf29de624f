using Microsoft.AspNetCore.Components;

namespace Ncr.Web.Components.Pages.Images;

/// <summary>One artifact, with all that is known of it.</summary>
public sealed partial class ArtifactPage(NavigationManager navigation)
{
    [Parameter]
    public string Registry { get; set; } = "";

    [Parameter]
    public string Digest { get; set; } = "";

    /// <summary>The image's name within the registry.</summary>
    [Parameter]
    public string Image { get; set; } = "";

    [SupplyParameterFromQuery(Name = "tab")]
    private string? Tab { get; set; }

    [SupplyParameterFromQuery(Name = "layer")]
    private int? Layer { get; set; }

    private (string, string)[] Trail =>
        [("Registries", ConsoleUrls.Registries), (Registry, ConsoleUrls.Registry(Registry)), (Image, ConsoleUrls.Image(Registry, Image))];

    private void ToImage() => navigation.NavigateTo(ConsoleUrls.Image(Registry, Image));
}
