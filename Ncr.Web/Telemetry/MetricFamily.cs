using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Ncr.Web.Telemetry;

/// <summary>One instrument with a series for each set of tags that was seen.</summary>
internal sealed class MetricFamily
{
    // From a cached manifest to a layer of many gigabytes.
    private static readonly double[] SecondBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600];
    private static readonly double[] CountBuckets = [1, 2, 4, 8, 16, 32, 64, 128];

    private readonly string _type;
    private readonly string _help;
    private readonly bool _isTotal;
    private readonly double[] _buckets;
    private readonly ConcurrentDictionary<TagValues, Series> _series = new();

    private MetricFamily(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        _type = kind.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "counter"
            : "gauge";
        _isTotal = instrument.IsObservable; // It tells where it stands; the others tell what came on top.
        _buckets = _type != "histogram" ? [] : instrument.Unit == "s" ? SecondBuckets : CountBuckets;
        _help = instrument.Description ?? "";
        Name = NameOf(instrument, _type);
    }

    public string Name { get; }

    public static MetricFamily Of(Instrument instrument) => new(instrument);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = new TagValues(tags.Length > 0 ? tags[0].Value : null, tags.Length > 1 ? tags[1].Value : null);
        if (!_series.TryGetValue(key, out var series))
        {
            series = _series.GetOrAdd(key, new Series(LabelsOf(tags), _buckets));
        }

        series.Record(value, _isTotal);
    }

    public void Write(StringBuilder text)
    {
        text.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
        foreach (var series in _series.Values.OrderBy(s => s.Labels, StringComparer.Ordinal))
        {
            series.Write(text, Name, _type == "histogram");
        }

        if (_series.IsEmpty && _type == "counter")
        {
            text.Append(Name).Append(" 0\n"); // So that an alert on its rate works from the first event on.
        }
    }

    private static string NameOf(Instrument instrument, string type)
    {
        var name = new StringBuilder(instrument.Name.Length + 16);
        foreach (var c in instrument.Name)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        name.Append(instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" });
        return name.Append(type == "counter" ? "_total" : "").ToString();
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var (name, value) in tags[..Math.Min(tags.Length, 2)])
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            labels.Append(labels.Length > 0 ? "," : "").Append(name.Replace('.', '_')).Append("=\"")
                .Append(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('"');
        }

        return labels.ToString();
    }

    /// <summary>The instruments listened to have two tags at most.</summary>
    private readonly record struct TagValues(object? First, object? Second);

    private sealed class Series(string labels, double[] bounds)
    {
        private readonly Lock _lock = new();
        private readonly long[] _counts = new long[bounds.Length + 1];
        private double _value;

        public string Labels { get; } = labels;

        public void Record(double value, bool isTotal)
        {
            lock (_lock)
            {
                _value = isTotal ? value : _value + value;
                if (bounds.Length > 0)
                {
                    var at = 0;
                    while (at < bounds.Length && value > bounds[at])
                    {
                        at++;
                    }

                    _counts[at]++;
                }
            }
        }

        public void Write(StringBuilder text, string name, bool isHistogram)
        {
            lock (_lock)
            {
                var braced = Labels.Length > 0 ? $"{{{Labels}}}" : "";
                if (!isHistogram)
                {
                    text.Append(name).Append(braced).Append(' ').Append(PrometheusCollector.Number(_value)).Append('\n');
                    return;
                }

                var sum = 0L;
                var before = Labels.Length > 0 ? Labels + "," : "";
                for (var i = 0; i <= bounds.Length; i++)
                {
                    sum += _counts[i];
                    var bound = i < bounds.Length ? bounds[i] : double.PositiveInfinity;
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"{PrometheusCollector.Number(bound)}\"}} {sum}\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{braced} {PrometheusCollector.Number(_value)}\n{name}_count{braced} {sum}\n");
            }
        }
    }
}
