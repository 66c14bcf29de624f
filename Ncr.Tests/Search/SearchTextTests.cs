using Ncr.Core.Search;

namespace Ncr.Tests.Search;

public sealed class SearchTextTests
{
    [Theory]
    [InlineData("web", "web", "web", "", null)]
    [InlineData("  team/web ", "team/web", null, "", null)]
    [InlineData("team/web:1.2", "team/web", "1.2", "team/web", null)]
    [InlineData("web:", "web", "", "web", null)]
    [InlineData("-rc.1", "-rc.1", "-rc.1", "", null)]
    [InlineData("https://", "", null, "", null)]
    [InlineData("https://registry.example.com/team/web:1", "registry.example.com/team/web team/web", "1", "registry.example.com/team/web team/web", null)]
    [InlineData("localhost:8080/team/web", "team/web", null, "", null)]
    [InlineData("localhost:8080", "localhost", "8080", "localhost", null)]
    [InlineData("3FA9c2", "3FA9c2", "3FA9c2", "", "sha256:3fa9c2")]
    [InlineData("sha256:3fa9", "sha256:3fa9", null, "", "sha256:3fa9")]
    [InlineData("sha512:3fa9", "sha512:3fa9", null, "", "sha512:3fa9")]
    [InlineData("3fa", "3fa", "3fa", "", null)]
    [InlineData("team/web@sha256:3fa9", "team/web", null, "", "sha256:3fa9")]
    public void Parse_ATextIsTakenApart(string text, string names, string? tag, string tagImages, string? digest)
    {
        var search = SearchText.Parse(text)!;

        Assert.Equal((names, tag, tagImages, digest), (string.Join(' ', search.Names), search.Tag, string.Join(' ', search.TagImages), search.Digest));
    }

    [Theory]
    [InlineData("maintainer=anna", "maintainer", "anna")]
    [InlineData("maintainer = anna b", "maintainer", "anna b")]
    [InlineData("maintainer=", "maintainer", "")]
    [InlineData("a=b=c", "a", "b=c")]
    [InlineData("=b", null, null)]
    [InlineData("anna", null, null)]
    public void Parse_ALabelHasNameAndValue(string text, string? name, string? value) =>
        Assert.Equal((name, value), (SearchText.Parse(text)!.LabelName, SearchText.Parse(text)!.LabelValue));

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    public void Parse_Nothing_IsNull(string? text) => Assert.Null(SearchText.Parse(text));

    [Fact]
    public void Parse_MoreThanAnyNameHas_IsNull() => Assert.Null(SearchText.Parse(new string('a', SearchText.MaxLength + 1)));
}
