using System.Text;
using Ncr.Core.Blobs;
using Ncr.Core.Images;
using Ncr.Core.Images.Documents;

namespace Ncr.Tests.Images.Documents;

public sealed class DocumentTests
{
    [Fact]
    public void ImageConfig_Whole_IsReadForPeople()
    {
        var config = ImageConfig.TryParse(Encoding.UTF8.GetBytes("""
            {"created":"2026-03-04T05:06:07Z","author":"me","os":"linux","architecture":"arm64","variant":"v8",
             "config":{"Entrypoint":["/bin/app","--now"],"Cmd":["a b"],"Env":["PATH=/bin","EMPTY=","ODD"],"WorkingDir":"/srv","User":"1000","ExposedPorts":{"80/tcp":{},"443/tcp":{}},
                       "Volumes":{"/data":{}},"Labels":{"b":"2","a":"1"},"StopSignal":"SIGQUIT","Healthcheck":{"Test":["CMD-SHELL","curl x"],"Interval":30000000000,"Retries":3}},
             "history":[{"created_by":"/bin/sh -c #(nop)  ENV A=b","empty_layer":true},{"created_by":"/bin/sh -c make"}]}
            """))!;

        Assert.Equal("/bin/app --now 'a b'", CommandText.Join([.. config.Entrypoint, .. config.Command]));
        Assert.Equal([("PATH", "/bin"), ("EMPTY", ""), ("ODD", "")], config.Environment.Select(e => (e.Key, e.Value)));
        Assert.Equal(["a", "b"], config.Labels.Select(l => l.Key));
        Assert.Equal("443/tcp, 80/tcp", string.Join(", ", config.Ports));
        Assert.Equal("curl x (every 30 s, 3 retries)", config.Healthcheck);
        Assert.Equal(("linux/arm64/v8", new DateTime(2026, 3, 4, 5, 6, 7, DateTimeKind.Utc)), (config.Platform, config.Created!.Value));
        Assert.Equal(["ENV A=b", "RUN make"], config.History.Select(h => h.Text));
    }

    [Theory]
    [InlineData("""{"config":7,"history":{"a":1},"created":"never","os":5}""")]
    [InlineData("""{"config":{"Env":[1,null],"Labels":{"a":1},"ExposedPorts":[],"Healthcheck":{"Test":"x"}},"history":[1,null,{"created_by":3}]}""")]
    [InlineData("{}")]
    public void ImageConfig_OfOddParts_LeavesThemOut(string json) => Assert.NotNull(ImageConfig.TryParse(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("[]")]
    [InlineData("no json")]
    [InlineData("")]
    public void ImageConfig_OfNoObject_IsNone(string json) => Assert.Null(ImageConfig.TryParse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Match_AsManyStepsAsLayers_PutsThemTogetherInOrder()
    {
        var (steps, isMatched) = LayerStep.Match([Layer(1), Layer(2)], [Line("one"), Line("env", isEmpty: true), Line("two")]);

        Assert.True(isMatched);
        Assert.Equal([(0, "one"), (-1, "env"), (1, "two")], steps.Select(s => (s.Number, s.Line!.Text)));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    public void Match_OtherNumberOfSteps_KeepsTheLayersWithoutGuessing(int lines, bool isMatched)
    {
        var found = LayerStep.Match([Layer(1), Layer(2)], [.. Enumerable.Range(0, lines).Select(i => Line($"{i}"))]);

        Assert.Equal(isMatched, found.IsMatched);
        Assert.Equal([0, 1], found.Steps.Select(s => s.Number));
        Assert.All(found.Steps, s => Assert.Null(s.Line));
    }

    [Fact]
    public void Compare_TwoImages_TellsLayersAndConfigApart()
    {
        var a = Details([Layer(1), Layer(2)], """{"config":{"Env":["A=1","B=2"],"Entrypoint":["x"]}}""");
        var b = Details([Layer(1), Layer(3)], """{"config":{"Env":["A=1","B=3"],"Labels":{"l":"v"},"Entrypoint":["x"]}}""");

        var comparison = ArtifactComparison.Of(a, b);

        Assert.Equal([1L], Sizes(comparison.Shared));
        Assert.Equal([2L], Sizes(comparison.OnlyA));
        Assert.Equal([3L], Sizes(comparison.OnlyB));
        Assert.Equal(
            [new ConfigDifference("Environment", "B", "2", "3"), new ConfigDifference("Label", "l", null, "v")],
            comparison.Differences);
        static long[] Sizes(IReadOnlyList<Descriptor> layers) => [.. layers.Select(l => l.Size)];
    }

    [Fact]
    public void Compare_TwoIndexes_PairsPlatforms()
    {
        var a = Index(Layer(1) with { Platform = "linux/amd64" }, Layer(2) with { Platform = "linux/arm64" });
        var b = Index(Layer(1) with { Platform = "linux/amd64" }, Layer(4) with { Platform = "linux/s390x" });

        var pairs = ArtifactComparison.Of(a, b).Platforms;

        Assert.Equal([("linux/amd64", true, true), ("linux/arm64", true, false), ("linux/s390x", false, true)], pairs.Select(p => (p.Platform, p.A is not null, p.B is not null)));
    }

    [Fact]
    public void HelmChart_OfAConfig_HasItsFacts()
    {
        var chart = HelmChart.TryParse(Encoding.UTF8.GetBytes("""
            {"name":"web","version":"1.2.3","appVersion":"9","deprecated":true,"maintainers":[{"name":"M","email":"m@example.com"},"odd"],"dependencies":[{"name":"db","version":"^1","repository":"oci://x"}],"keywords":["k"],"sources":["https://s"]}
            """))!;

        Assert.Equal(("web", "1.2.3", "9", true), (chart.Name, chart.Version, chart.AppVersion, chart.IsDeprecated));
        Assert.Equal(new HelmDependency("db", "^1", "oci://x", null), Assert.Single(chart.Dependencies));
        Assert.Equal("m@example.com", chart.Maintainers[0].Email);
    }

    private static Descriptor Layer(byte number) => new("application/x", Digest.Sha256([number]), number, null, null);

    private static HistoryLine Line(string text, bool isEmpty = false) => new(text, null, null, isEmpty);

    private static ArtifactDetails Details(Descriptor[] layers, string config) => new(
        Row(), new ManifestDocument { MediaType = MediaTypes.OciManifest, Layers = layers, Config = new Descriptor(MediaTypes.OciConfig, Digest.Sha256([]), 1, null, null) }, [], Encoding.UTF8.GetBytes(config), [], null);

    private static ArtifactDetails Index(params Descriptor[] manifests) =>
        new(Row(), new ManifestDocument { MediaType = MediaTypes.OciIndex, Manifests = manifests }, [], null, [], null);

    private static ArtifactRow Row() => new(1, "sha256:" + new string('0', 64), ArtifactType.Image, null, "", null, 0, default, "", null, 0, 0, [], null, 0, false);
}
