using Ncr.Core.Errors;
using Ncr.Core.Registries;

namespace Ncr.Core.Access;

/// <summary>What an access key may be used for.</summary>
/// <param name="Description">What its user calls it.</param>
/// <param name="ExpiresAt">When it ends, in UTC; null for never.</param>
/// <param name="Registries">The only registries, by name; null for all that its user may use.</param>
/// <param name="MayPull">Whether it may pull.</param>
/// <param name="MayPush">Whether it may push, and delete where its user may.</param>
/// <param name="Networks">The only networks it may be used from; null for all. See <see cref="NetworkList"/>.</param>
public sealed record AccessKeySettings(string? Description, DateTime? ExpiresAt, IReadOnlyList<string>? Registries, bool MayPull, bool MayPush, string? Networks)
{
    /// <summary>Characters of a description.</summary>
    public const int MaxDescription = 100;

    /// <summary>How many registries a key may be limited to.</summary>
    public const int MaxRegistries = 50;

    /// <summary>Without limits.</summary>
    public static AccessKeySettings None { get; } = new(null, null, null, true, true, null);

    /// <summary>The same, tidied up.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Invalid"/>, with what is wrong.</exception>
    internal AccessKeySettings Checked(DateTime now)
    {
        var description = string.IsNullOrWhiteSpace(Description) ? null : Description.Trim();
        var registries = Registries is null ? null : Registries.Select(r => r.Trim()).Where(r => r.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
        NetworkList? networks = null;
        var fault = description?.Length > MaxDescription ? $"A description has at most {MaxDescription} characters."
            : ExpiresAt <= now ? "The key would have ended already. Choose a later day."
            : registries is [] ? "Choose at least one registry, or all."
            : registries?.Length > MaxRegistries ? $"A key can be limited to {MaxRegistries} registries at most."
            : registries?.Select(RegistryName.Explain).FirstOrDefault(f => f is not null) is { } wrong ? wrong
            : !MayPull && !MayPush ? "A key that may neither pull nor push is good for nothing. Choose one of them, or disable the key."
            : Networks is { } text && !NetworkList.TryParse(text, out networks, out var why) ? why
            : null;
        return fault is null
            ? this with { Description = description, Registries = registries, Networks = networks is null or { IsEmpty: true } ? null : networks.ToString() }
            : throw new NcrException(NcrError.Invalid, fault);
    }
}
