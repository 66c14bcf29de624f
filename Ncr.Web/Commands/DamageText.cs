using Ncr.Core.Backups;

namespace Ncr.Web.Commands;

/// <summary>Damage in words.</summary>
internal static class DamageText
{
    public static void Write(TextWriter output, IReadOnlyList<BackupDamage> damage)
    {
        foreach (var piece in damage)
        {
            output.WriteLine($"  {piece.What} {piece.Name}: {piece.Explanation}");
            foreach (var artifact in piece.Affected)
            {
                output.WriteLine($"    needed by {artifact}");
            }
        }
    }
}
