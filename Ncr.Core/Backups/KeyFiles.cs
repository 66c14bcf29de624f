using System.Security.Cryptography;

namespace Ncr.Core.Backups;

/// <summary>The keys that sessions and tokens are sealed with: files that are made, and neither changed nor deleted. Only their owner may read them.</summary>
internal static class KeyFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static IReadOnlyList<string> Names(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.xml").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)] : [];

    /// <summary>Copies all that differ and gives each name with the sha256 of its file.</summary>
    public static Dictionary<string, string> Copy(string from, string to) => Copy(from, to, Names(from));

    public static Dictionary<string, string> Copy(string from, string to, IEnumerable<string> names)
    {
        DurableFile.MakeFolder(to);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(to, OwnerOnly | UnixFileMode.UserExecute);
        }

        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var bytes = File.ReadAllBytes(Path.Combine(from, name));
            var target = Path.Combine(to, name);
            if (!File.Exists(target) || !File.ReadAllBytes(target).AsSpan().SequenceEqual(bytes))
            {
                DurableFile.Write(target, bytes, OwnerOnly);
            }

            hashes[name] = Convert.ToHexStringLower(SHA256.HashData(bytes));
        }

        return hashes;
    }

    /// <summary>What is wrong with the keys of a backup.</summary>
    public static IEnumerable<BackupDamage> Check(string folder, IReadOnlyDictionary<string, string> expected)
    {
        foreach (var (name, hash) in expected)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                yield return new BackupDamage("key", name, null, "It is missing: who is logged in has to log in again.", []);
            }
            else if (Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) != hash)
            {
                yield return new BackupDamage("key", name, null, "It has changed: who is logged in has to log in again.", []);
            }
        }
    }
}
