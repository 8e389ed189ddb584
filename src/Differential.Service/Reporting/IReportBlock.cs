using System.Text;

namespace Differential.Service.Reporting;

/// <summary>A part of a report that writes itself as HTML without any reference outside the page.</summary>
public interface IReportBlock
{
    void Write(StringBuilder html);
}
