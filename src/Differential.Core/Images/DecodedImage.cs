namespace Differential.Core.Images;

/// <summary>An image as bytes.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">1 (grey), 2 (grey and alpha), 3 (red, green, blue) or 4 (with alpha).</param>
/// <param name="Pixels">[height, width, channels].</param>
internal sealed record DecodedImage(int Height, int Width, int Channels, byte[] Pixels)
{
    /// <summary>
    /// The image with 1 or 3 channels. Alpha a lays the colour over the background: (a·colour + (255 − a)·background) / 255, rounded. Grey is
    /// (299·red + 587·green + 114·blue) / 1000 (Rec. ITU-R BT.601), rounded.
    /// </summary>
    /// <param name="channels">1 or 3.</param>
    /// <param name="background">[3], what shows through where the image does not cover.</param>
    public DecodedImage WithChannels(int channels, ReadOnlySpan<byte> background)
    {
        if (channels == Channels)
        {
            return this;
        }

        bool colour = Channels >= 3;
        bool alpha = Channels is 2 or 4;
        var pixels = new byte[Height * Width * channels];
        Span<int> rgb = stackalloc int[3];
        for (int from = 0, to = 0; to < pixels.Length; from += Channels, to += channels)
        {
            for (int c = 0; c < 3; c++)
            {
                rgb[c] = Pixels[from + (colour ? c : 0)];
                if (alpha)
                {
                    int a = Pixels[from + Channels - 1];
                    rgb[c] = ((a * rgb[c]) + ((255 - a) * background[c]) + 127) / 255;
                }
            }

            if (channels == 1)
            {
                pixels[to] = (byte)(((299 * rgb[0]) + (587 * rgb[1]) + (114 * rgb[2]) + 500) / 1000);
            }
            else
            {
                (pixels[to], pixels[to + 1], pixels[to + 2]) = ((byte)rgb[0], (byte)rgb[1], (byte)rgb[2]);
            }
        }

        return new DecodedImage(Height, Width, channels, pixels);
    }
}
