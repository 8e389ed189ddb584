using Differential.Kernels.Gpu;

namespace Differential.Kernels.Convolution;

/// <summary>The taps of a convolution's window as a factor of a product has them: (kernel row, kernel column, channel or filter).</summary>
internal readonly struct TapGrid(int size, int channels)
{
    private readonly Divisor _size = new(size);
    private readonly Divisor _channels = new(channels);

    public readonly int Count = size * size * channels;

    public int Channels => _channels.Value;

    public Tap At(int number)
    {
        int position = _channels.Divide(number);
        int row = _size.Divide(position);
        return new Tap(row, position - (row * _size.Value), number - (position * _channels.Value));
    }
}

/// <summary>A place in a <see cref="TapGrid"/>.</summary>
internal readonly struct Tap(int row, int column, int channel)
{
    public readonly int Row = row;
    public readonly int Column = column;
    public readonly int Channel = channel;
}
