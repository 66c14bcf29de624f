using Ncr.Core.Backups;
using Ncr.Web.Components.Shared;

namespace Ncr.Web.Commands;

/// <summary>Progress on stderr: one line that changes on a terminal; in a log, a line for each step and now and then one within.</summary>
internal sealed class ConsoleProgress(TimeProvider clock) : IProgress<BackupProgress>, IDisposable
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(30);

    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly Lock _lock = new();
    private string _step = "";
    private long _last;
    private int _width;

    public void Report(BackupProgress value)
    {
        lock (_lock)
        {
            var isNew = value.Step != _step;
            if (!isNew && clock.GetElapsedTime(_last) < (_isTerminal ? TerminalInterval : LogInterval))
            {
                return;
            }

            (_step, _last) = (value.Step, clock.GetTimestamp());
            var text = value.Step
                + (value.Total > 0 ? $" {100 * value.Done / value.Total}%" : value.Done > 0 ? $" {value.Done}" : "")
                + (value.Bytes > 0 ? $", {ByteSize.Format(value.Bytes)}" : "");
            if (_isTerminal)
            {
                Console.Error.Write($"\r{text.PadRight(_width)}");
                _width = text.Length;
            }
            else
            {
                Console.Error.WriteLine(text);
            }
        }
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (_isTerminal && _width > 0)
        {
            Console.Error.Write($"\r{new string(' ', _width)}\r");
        }
    }
}
