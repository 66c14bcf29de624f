using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Ncr.Core.Audit;
using Ncr.Core.Events;

namespace Ncr.Web.Components.Pages.Audit;

/// <summary>What the audit is narrowed to, as addresses say it.</summary>
internal static class AuditQuery
{
    public const string Registry = "registry";
    public const string Image = "image";
    public const string Actor = "actor";
    public const string Kind = "kind";
    public const string From = "from";
    public const string Until = "until";

    /// <returns>Null when a part can't be read: then it must not be passed over, or more would be shown than was asked for.</returns>
    public static AuditFilter? TryParse(string query)
    {
        var values = QueryHelpers.ParseQuery(query);
        EventKind? kind = null;
        if (Text(Kind) is { } word)
        {
            if (!Enum.TryParse<EventKind>(word, ignoreCase: true, out var known) || !Enum.IsDefined(known) || int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                return null;
            }

            kind = known;
        }

        return TryTime(Text(From), out var from) && TryTime(Text(Until), out var until)
            ? new AuditFilter(Text(Registry), Text(Image), Text(Actor), kind, from, until)
            : null;

        string? Text(string key) => values.TryGetValue(key, out var text) && !string.IsNullOrWhiteSpace(text) ? text.ToString().Trim() : null;
    }

    /// <summary>For <c>GetUriWithQueryParameters</c>; what narrows nothing is null.</summary>
    public static Dictionary<string, object?> Of(AuditFilter filter) => new()
    {
        [Registry] = filter.Registry,
        [Image] = filter.Image,
        [Actor] = filter.Actor,
        [Kind] = filter.Kind is { } kind ? WordOf(kind) : null,
        [From] = TextOf(filter.From),
        [Until] = TextOf(filter.Until),
    };

    public static string AddTo(string path, AuditFilter filter) =>
        QueryHelpers.AddQueryString(path, Of(filter).Where(p => p.Value is not null).Select(p => KeyValuePair.Create(p.Key, p.Value!.ToString())));

    public static string WordOf(EventKind kind) => kind.ToString().ToLowerInvariant();

    public static string? TextOf(DateTime? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>In UTC, unless the text names a zone.</summary>
    public static bool TryTime(string? text, out DateTime? time)
    {
        time = null;
        if (text is null)
        {
            return true;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) || parsed.Year is < 1900 or > 9000)
        {
            return false;
        }

        time = parsed.UtcDateTime;
        return true;
    }
}
