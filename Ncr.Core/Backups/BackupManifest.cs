using System.Text.Json;
using System.Text.Json.Serialization;
using Ncr.Core.Errors;

namespace Ncr.Core.Backups;

/// <summary>The file <c>backup.json</c>: what a backup holds. It is written last and switched in one step, so that what it names is always there.</summary>
public sealed record BackupManifest
{
    /// <summary>The layout that this program writes, and the newest that it reads.</summary>
    public const int CurrentFormat = 1;

    internal const string FileName = "backup.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public required int Format { get; init; }

    /// <summary>The version of NCR that wrote it.</summary>
    public required string Program { get; init; }

    /// <summary>The state of the service that the backup holds is the one of this moment.</summary>
    public required DateTime StartedAt { get; init; }

    public required DateTime CompletedAt { get; init; }

    public required BackupDatabase Database { get; init; }

    public required BackupContent Content { get; init; }

    /// <summary>Files in <c>keys</c>, by name, with the sha256 of each.</summary>
    public required IReadOnlyDictionary<string, string> Keys { get; init; }

    /// <summary>What the service itself lacked when the backup was made; not in the backup either.</summary>
    public IReadOnlyList<BackupDamage> Damage { get; init; } = [];

    /// <exception cref="NcrException"><see cref="NcrError.NotFound"/>: there is none. <see cref="NcrError.Invalid"/>: it can't be read, or a newer NCR wrote it.</exception>
    public static BackupManifest Read(string backup)
    {
        var path = Path.Combine(backup, FileName);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out var format) || !format.TryGetInt32(out var number))
            {
                throw new NcrException(NcrError.Invalid, $"'{path}' is not the description of a backup by NCR.");
            }

            if (number > CurrentFormat)
            {
                var program = root.TryGetProperty("program", out var version) ? version.ToString() : "a newer version";
                throw new NcrException(NcrError.Invalid, $"The backup '{backup}' was written by a newer NCR ({program}); its format is {number} and this program reads up to {CurrentFormat}. Use that version.");
            }

            var manifest = root.Deserialize<BackupManifest>(Json)!;
            return IsPlain(manifest.Database.File) && manifest.Keys.Keys.All(IsPlain)
                ? manifest
                : throw new NcrException(NcrError.Invalid, $"'{path}' names files outside of the backup.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NcrException(NcrError.NotFound, $"There is no complete backup in '{backup}': it has no {FileName}.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new NcrException(NcrError.Invalid, $"'{path}' can't be read: {exception.Message}");
        }
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    private static bool IsPlain(string name) => name.Length > 0 && name == Path.GetFileName(name) && name is not ("." or "..");
}

/// <summary>The database in a backup.</summary>
/// <param name="File">Its name in the backup's folder.</param>
/// <param name="Migration">The newest change to the layout that it has.</param>
public sealed record BackupDatabase(string File, long Bytes, string Sha256, string Migration);

/// <summary>The content in a backup, in <c>blobs</c>.</summary>
public sealed record BackupContent(long Count, long Bytes);
