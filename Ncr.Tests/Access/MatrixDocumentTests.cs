using Ncr.Core.Access;
using Ncr.Tests.Support;

namespace Ncr.Tests.Access;

public sealed class MatrixDocumentTests
{
    private static readonly (string Name, RoleGroup Group)[] Columns =
    [
        ("Project Admin", RoleGroup.ProjectAdmin),
        ("Project Member, Service Admin", RoleGroup.OtherAdmins),
        ("Service Viewer", RoleGroup.Viewer),
        ("Image Uploader", RoleGroup.Uploader),
    ];

    [Fact]
    public async Task Documentation_ShowsTheMatrixAsItIs()
    {
        var lines = new List<string> { $"| Action | {string.Join(" | ", Columns.Select(c => c.Name))} |", $"|---|{string.Concat(Columns.Select(_ => ":-:|"))}" };
        lines.AddRange(RoleMatrix.Rows.Select(r => $"| {r.Action}{(r.IsBeyondNcr ? " *" : "")} | {string.Join(" | ", Columns.Select(c => (r.Roles & c.Group) != 0 ? "✓" : "–"))} |"));
        var table = string.Join('\n', lines) + "\n";

        var text = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "access.md"))).ReplaceLineEndings("\n");

        Assert.True(text.Contains(table, StringComparison.Ordinal), $"docs/access.md should hold:\n\n{table}");
    }

    [Fact]
    public void EveryPermission_IsInOneRow() =>
        Assert.Equal(Enum.GetValues<Permission>().Order(), RoleMatrix.Rows.SelectMany(r => r.Permissions).Order());

    [Fact]
    public void Permissions_AllHaveWordsForRefusals() => Assert.All(Enum.GetValues<Permission>(), p => Assert.NotEmpty(PermissionWords.Of(p)));
}
