using System.Collections.Immutable;
using Differential.Kernels.Simd;

namespace Differential.Kernels.Convolution;

/// <summary>Where a pass finds the weight of a tap, an input channel and an output channel: a start and four strides.</summary>
internal readonly record struct WeightOrder(int Start, int Row, int Column, int Channel, int Output);

/// <summary>Columns and channels of an image; its rows follow from the axes.</summary>
internal readonly record struct ImageSize(int Width, int Channels);

/// <summary>
/// Sliding-window sums of images over a lattice of output pixels: a forward convolution, or one phase of an input
/// gradient. Windows are cut at the image's edges, so nothing is padded or copied: outputs whose windows are cut
/// alike form rectangles, and each rectangle is a series of register tiles with its pixels as rows. Where images are so small that rectangles
/// have few pixels in a line, the rows of a tile are the same pixel of several images. Each output is the same sum either way.
/// </summary>
internal sealed unsafe class WindowPass(
    TileSet tiles, WindowAxis rows, WindowAxis columns, WeightOrder order, ImageSize input, ImageSize output)
{
    private readonly ImmutableArray<WindowRun> _rowRuns = rows.Runs();
    private readonly ImmutableArray<WindowRun> _columnRuns = columns.Runs();

    /// <summary>Output rows of an image that this pass computes.</summary>
    public int RowCount => rows.Outputs;

    /// <summary>Panels of one or two vectors of output channels.</summary>
    public int Panels => (output.Channels + tiles.Columns - 1) / tiles.Columns;

    /// <summary>Whether tiles are better filled by images than by the pixels of one.</summary>
    public bool IsSmall => 2 * Math.Max(Longest(_rowRuns), Longest(_columnRuns)) <= tiles.Rows;

    /// <summary>Floats of the packed weights.</summary>
    public int PackedLength => PanelStride * Panels;

    // Weights of a panel: [row tap][column tap][channel][output channel within the panel].
    private int PanelStride => rows.Taps * columns.Taps * input.Channels * tiles.Columns;

    /// <summary>Packs the weights of one panel.</summary>
    public void Pack(float* weight, float* packed, int panel)
    {
        int first = panel * tiles.Columns;
        int valid = Math.Min(tiles.Columns, output.Channels - first);
        int width = tiles.Pad(valid);
        float* destination = packed + ((nint)panel * PanelStride);
        for (int row = 0; row < rows.Taps; row++)
        {
            for (int column = 0; column < columns.Taps; column++)
            {
                float* tap = weight + order.Start + (row * order.Row) + (column * order.Column) + (first * (nint)order.Output);
                for (int channel = 0; channel < input.Channels; channel++, destination += width)
                {
                    float* source = tap + (channel * (nint)order.Channel);
                    for (int j = 0; j < valid; j++)
                    {
                        destination[j] = source[j * (nint)order.Output];
                    }

                    new Span<float>(destination + valid, width - valid).Clear();
                }
            }
        }
    }

    /// <summary>Computes the rows <paramref name="from"/> … <paramref name="to"/> − 1 of some images, panel by panel.</summary>
    /// <param name="images">The input images [height, width, channels].</param>
    /// <param name="imageStride">Floats from an input image to the next.</param>
    /// <param name="resultStride">Floats from an output image to the next.</param>
    /// <param name="count">Images.</param>
    /// <param name="packed">The packed weights.</param>
    /// <param name="bias">A value per output channel, padded to whole panels.</param>
    /// <param name="floor">0 for a ReLU, −∞ for none.</param>
    /// <param name="results">The output images [height, width, output channels].</param>
    /// <param name="from">First row, counted within this pass.</param>
    /// <param name="to">Behind the last row.</param>
    public void Run(float* images, nint imageStride, nint resultStride, int count, float* packed, float* bias, float floor, float* results, int from, int to)
    {
        for (int panel = 0; panel < Panels; panel++)
        {
            int first = panel * tiles.Columns;
            int valid = Math.Min(tiles.Columns, output.Channels - first);
            for (int image = 0; image < count; image++)
            {
                float* result = results + (image * resultStride);
                Panel weights = new(packed + ((nint)panel * PanelStride), bias + first, floor, result + first, valid, tiles.Pad(valid));
                RunPanel(images + (image * imageStride), weights, from, to);
            }
        }
    }

    /// <summary>Computes one panel of whole images, with images as the rows of tiles.</summary>
    /// <param name="images">The input images [height, width, channels].</param>
    /// <param name="imageStride">Floats from an input image to the next.</param>
    /// <param name="resultStride">Floats from an output image to the next.</param>
    /// <param name="count">Images.</param>
    /// <param name="packed">The packed weights.</param>
    /// <param name="bias">A value per output channel, padded to whole panels.</param>
    /// <param name="floor">0 for a ReLU, −∞ for none.</param>
    /// <param name="results">The output images [height, width, output channels].</param>
    /// <param name="panel">The panel.</param>
    public void RunAcross(float* images, nint imageStride, nint resultStride, int count, float* packed, float* bias, float floor, float* results, int panel)
    {
        int first = panel * tiles.Columns;
        int valid = Math.Min(tiles.Columns, output.Channels - first);
        Panel weights = new(packed + ((nint)panel * PanelStride), bias + first, floor, results + first, valid, tiles.Pad(valid))
        {
            Images = count,
            ImageStride = imageStride,
            ResultStride = resultStride,
        };
        RunPanel(images, weights, 0, rows.Outputs);
    }

    private static int Longest(ImmutableArray<WindowRun> runs) => runs.IsEmpty ? 0 : runs.Max(static run => run.Count);

    private void RunPanel(float* image, in Panel weights, int from, int to)
    {
        foreach (WindowRun row in _rowRuns)
        {
            int skipped = Math.Max(0, from - row.Index);
            int count = Math.Min(row.Index + row.Count, to) - (row.Index + skipped);
            if (count > 0)
            {
                WindowRun strip = row with
                {
                    Output = row.Output + (skipped * rows.OutputStep),
                    Input = row.Input + (skipped * rows.InputStep),
                    Count = count,
                };
                foreach (WindowRun column in _columnRuns)
                {
                    Rectangle(image, strip, column, weights);
                }
            }
        }
    }

    private void Rectangle(float* image, in WindowRun row, in WindowRun column, in Panel panel)
    {
        int inputRow = input.Width * input.Channels;
        int outputRow = output.Width * output.Channels;
        nint rowStep = (nint)rows.InputStep * inputRow;
        nint columnStep = (nint)columns.InputStep * input.Channels;
        nint rowOutput = (nint)rows.OutputStep * outputRow;
        nint columnOutput = (nint)columns.OutputStep * output.Channels;

        // Tiles run along the longer side: a column of border pixels is as good a tile as a row of inner ones.
        bool alongColumns = column.Count >= row.Count;
        TileOperands operands = new()
        {
            RowStride = alongColumns ? columnStep : rowStep,
            StepStride = 1,
            SegmentStride = inputRow,
            Right = panel.Weights + ((nint)((row.Tap * columns.Taps) + column.Tap) * input.Channels * panel.Width),
            RightStride = panel.Width,
            RightSegmentStride = (nint)columns.Taps * input.Channels * panel.Width,
            Steps = (nint)column.Taps * input.Channels,
            Segments = row.Taps,
            Start = panel.Bias,
            OutputStride = alongColumns ? columnOutput : rowOutput,
            Floor = panel.Floor,
        };
        float* source = image + ((nint)row.Input * inputRow) + ((nint)column.Input * input.Channels);
        float* target = panel.Output + ((nint)row.Output * outputRow) + ((nint)column.Output * output.Channels);
        int lines = alongColumns ? row.Count : column.Count;
        int pixels = alongColumns ? column.Count : row.Count;
        if (panel.Images > 0)
        {
            nint sourceStep = operands.RowStride, targetStep = operands.OutputStride;
            (operands.RowStride, operands.OutputStride) = (panel.ImageStride, panel.ResultStride);
            for (int pixel = 0; pixel < lines * pixels; pixel++)
            {
                (int line, int place) = (pixel / pixels, pixel % pixels);
                operands.Left = source + (line * (alongColumns ? rowStep : columnStep)) + (place * sourceStep);
                operands.Output = target + (line * (alongColumns ? rowOutput : columnOutput)) + (place * targetStep);
                tiles.MultiplyRows(operands, panel.Images, panel.Columns);
            }

            return;
        }

        for (int line = 0; line < lines; line++)
        {
            operands.Left = source + (line * (alongColumns ? rowStep : columnStep));
            operands.Output = target + (line * (alongColumns ? rowOutput : columnOutput));
            tiles.MultiplyRows(operands, pixels, panel.Columns);
        }
    }

    private readonly struct Panel(float* weights, float* bias, float floor, float* output, int columns, int width)
    {
        public readonly float* Weights = weights;
        public readonly float* Bias = bias;
        public readonly float Floor = floor;
        public readonly float* Output = output;
        public readonly int Columns = columns;
        public readonly int Width = width;

        /// <summary>Images that are the rows of tiles; 0 where pixels are.</summary>
        public int Images { get; init; }

        public nint ImageStride { get; init; }

        public nint ResultStride { get; init; }
    }
}
