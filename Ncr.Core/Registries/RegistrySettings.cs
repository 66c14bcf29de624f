using Ncr.Core.Access;
using Ncr.Core.Errors;

namespace Ncr.Core.Registries;

/// <summary>What can be chosen of a registry.</summary>
/// <param name="Description">What it is for, at most <see cref="RegistryService.MaxDescription"/> characters; null or empty for nothing.</param>
/// <param name="IsPublicUriOn">Whether it can be reached by the public URI. Off: its images only as private.</param>
/// <param name="Networks">The only networks its images can be reached from, as <see cref="NetworkList"/> reads them; null or empty for all.</param>
/// <param name="AllowsAnonymousPull">Whether anybody who can reach it may pull, without signing in.</param>
/// <param name="RecordsPulls">Whether each pull is recorded.</param>
public sealed record RegistrySettings(string? Description = null, bool IsPublicUriOn = true, string? Networks = null, bool AllowsAnonymousPull = false, bool RecordsPulls = false)
{
    /// <summary>Of a registry that nobody chose anything for.</summary>
    public static RegistrySettings None { get; } = new();

    /// <summary>As it is kept.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Invalid"/>.</exception>
    internal RegistrySettings Checked()
    {
        var text = Description?.Trim();
        if (text is { Length: > RegistryService.MaxDescription })
        {
            throw new NcrException(NcrError.Invalid, $"The description has {text.Length} characters; at most {RegistryService.MaxDescription} are kept.");
        }

        return !NetworkList.TryParse(Networks ?? "", out var networks, out var fault)
            ? throw new NcrException(NcrError.Invalid, fault)
            : this with { Description = string.IsNullOrEmpty(text) ? null : text, Networks = networks.IsEmpty ? null : networks.ToString() };
    }

    /// <summary>What differs from what was before, in words; empty when nothing.</summary>
    internal string Against(RegistrySettings before)
    {
        var changes = new List<string>();
        Add("description", before.Description ?? "(none)", Description ?? "(none)");
        Add("public URI", OnOff(before.IsPublicUriOn), OnOff(IsPublicUriOn));
        Add("networks", before.Networks ?? "(all)", Networks ?? "(all)");
        Add("anonymous pull", OnOff(before.AllowsAnonymousPull), OnOff(AllowsAnonymousPull));
        Add("recording pulls", OnOff(before.RecordsPulls), OnOff(RecordsPulls));
        return string.Join("; ", changes);

        void Add(string what, string old, string now)
        {
            if (old != now)
            {
                changes.Add($"{what}: {old} → {now}");
            }
        }

        static string OnOff(bool value) => value ? "on" : "off";
    }
}
