namespace Ncr.Core.Images.Documents;

/// <summary>A layer with the step that made it; a step without a layer, or a layer whose step is not known.</summary>
/// <param name="Number">The layer's place in the manifest, from 0; -1 without a layer.</param>
public sealed record LayerStep(int Number, Descriptor? Layer, HistoryLine? Line)
{
    /// <summary>Puts steps and layers together. When there are not as many steps that made a layer as layers, nothing says which made which.</summary>
    /// <returns>The rows, and whether steps could be told to layers.</returns>
    public static (IReadOnlyList<LayerStep> Steps, bool IsMatched) Match(IReadOnlyList<Descriptor> layers, IReadOnlyList<HistoryLine> history)
    {
        if (history.Count(h => !h.IsEmpty) != layers.Count)
        {
            return ([.. layers.Select((layer, i) => new LayerStep(i, layer, null))], history.Count == 0);
        }

        var steps = new List<LayerStep>();
        var next = 0;
        foreach (var line in history)
        {
            steps.Add(line.IsEmpty ? new LayerStep(-1, null, line) : new LayerStep(next, layers[next], line));
            next += line.IsEmpty ? 0 : 1;
        }

        return (steps, true);
    }
}
