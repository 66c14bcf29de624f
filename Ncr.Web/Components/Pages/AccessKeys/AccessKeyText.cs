using Ncr.Core.Access;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Components.Pages.AccessKeys;

/// <summary>Access keys in words.</summary>
internal static class AccessKeyText
{
    private const int ShownRegistries = 3;

    /// <summary>What a key is for.</summary>
    public static string What(AccessKeySettings settings) => settings switch
    {
        { MayPull: true, MayPush: true } => "pull and push",
        { MayPull: true } => "pull only",
        _ => "push only",
    };

    /// <summary>What else limits it.</summary>
    public static IEnumerable<string> Limits(AccessKeySettings settings)
    {
        if (settings.Registries is { } registries)
        {
            yield return $"in {string.Join(", ", registries.Take(ShownRegistries))}{(registries.Count > ShownRegistries ? $" and {Words.Count(registries.Count - ShownRegistries, "other", "others")}" : "")}";
        }

        if (settings.Networks is { } networks)
        {
            yield return $"from {networks.Replace(",", ", ", StringComparison.Ordinal)}";
        }
    }

    /// <summary>How old the secret is.</summary>
    public static string Age(AccessKeyRow row, DateTime now) => (int)(now - row.SecretCreatedAt).TotalDays is var days and > 0 ? Words.Count(days, "day") : "today";
}
