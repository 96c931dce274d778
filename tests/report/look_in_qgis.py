"""Open a plan's GeoPackage in QGIS, offscreen, with the styles it brings, and draw it: for the eye and for a test.

Run with the Python that QGIS belongs to, which is the system's and not this project's:

    /usr/bin/python3 tests/report/look_in_qgis.py plan.gpkg folder [--metres 3000]

Writes ``folder/blocks-1.png`` and so on for each style of the blocks (with all other layers over it), ``close.png``
of a window of ``--metres`` around the first new site, and ``told.json``: for each layer and style whether
QGIS took it, what it drew, the words of its legend and the rows that no class holds. Ends with 1 where a style failed.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (  # type: ignore[import-not-found]
    Qgis,
    QgsApplication,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize  # type: ignore[import-not-found]
from qgis.PyQt.QtGui import QColor  # type: ignore[import-not-found]
from qgis.PyQt.QtXml import QDomDocument  # type: ignore[import-not-found]

SIZE, DOTS = QSize(1600, 1200), 144
LAYERS = ("blocks", "providers", "sites", "units")  # drawn in this order, the last on top


def opened(path: Path, name: str) -> QgsVectorLayer:
    """The layer as QGIS opens it: the provider reads ``layer_styles`` and takes the default."""
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    if not layer.isValid():
        raise SystemExit(f"QGIS cannot read {name} of {path}")
    return layer


def styles_of(path: Path) -> list[tuple[str, str, bool, str]]:
    """Layer, style, whether it is the default, QML: as they stand in the file."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT f_table_name, styleName, useAsDefault, styleQML FROM layer_styles").fetchall()
    return [(str(layer), str(name), bool(default), str(qml)) for layer, name, default, qml in rows]


def without_class(layer: QgsVectorLayer) -> int:
    """How many features the renderer has no symbol for: they would be missing from the map, silently."""
    context = QgsRenderContext()
    context.setExpressionContext(QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer)))
    context.setRendererScale(10_000)
    renderer = layer.renderer().clone()
    renderer.startRender(context, layer.fields())
    lost = 0
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        lost += not renderer.willRenderFeature(feature, context)
    renderer.stopRender(context)
    return lost


def told_of(layer: QgsVectorLayer, taken: bool, said: str) -> dict[str, object]:
    """What QGIS made of a style."""
    labels = layer.labeling()
    return {
        "taken": taken,
        "said": said,
        "renderer": layer.renderer().type(),
        "legend": [item.label() for item in layer.renderer().legendSymbolItems()],
        "features": layer.featureCount(),
        "without_class": without_class(layer),
        "labelled": bool(layer.labelsEnabled() and labels),
    }


def drawn(layers: list[QgsVectorLayer], window: QgsRectangle, to: Path) -> float:
    """Draw the layers, first one on top; the share of the picture that is not ground."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[-1].crs())
    settings.setOutputSize(SIZE)
    settings.setOutputDpi(DOTS)
    settings.setBackgroundColor(QColor("#ffffff"))
    settings.setExtent(window)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    errors = [error.message for error in job.errors()]
    if errors:
        raise SystemExit(f"QGIS could not draw: {errors}")
    picture = job.renderedImage()
    picture.save(str(to))
    ground = QColor("#ffffff").rgb()
    seen = [picture.pixel(x, y) != ground for x in range(0, SIZE.width(), 16) for y in range(0, SIZE.height(), 16)]
    return sum(seen) / len(seen)


def look(path: Path, folder: Path, metres: float) -> dict[str, object]:
    """Every style taken, every picture drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    told: dict[str, object] = {"qgis": Qgis.QGIS_VERSION, "styles": [], "drawn": {}}
    layers = {name: opened(path, name) for name in LAYERS}
    QgsProject.instance().addMapLayers(list(layers.values()), False)
    defaults = {}
    for name, layer in layers.items():
        said, taken = layer.loadDefaultStyle()
        defaults[name] = {"layer": name, **told_of(layer, bool(taken), said)}
    told["defaults"] = list(defaults.values())
    window = QgsRectangle(layers["blocks"].extent())
    window.scale(1.04)
    top = [layers[name] for name in reversed(LAYERS)]
    shares = {}
    for name, style, default, qml in styles_of(path):
        layer = layers[name].clone()
        document = QDomDocument()
        document.setContent(qml)
        taken, said = layer.importNamedStyle(document)
        told["styles"].append({"layer": name, "style": style, "default": default, **told_of(layer, bool(taken), said)})
        if name == "blocks":
            picture = f"blocks-{len(shares) + 1}.png"
            shares[picture] = drawn([*top[:-1], layer], window, folder / picture)
    chosen = next((f for f in layers["sites"].getFeatures() if f["state"] == "chosen"), None)
    if chosen is not None:
        spot = chosen.geometry().asPoint()
        close = QgsRectangle(
            spot.x() - metres / 2, spot.y() - metres * 3 / 8, spot.x() + metres / 2, spot.y() + metres * 3 / 8
        )
        shares["close.png"] = drawn(top, close, folder / "close.png")
    told["drawn"] = shares
    return told


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("package", type=Path)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--metres", type=float, default=3000.0)
    given = asked.parse_args()
    program = QgsApplication([], False)
    program.initQgis()
    told = look(given.package, given.folder, given.metres)
    (given.folder / "told.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    wrong = [row for row in [*told["defaults"], *told["styles"]] if not row["taken"] or row["without_class"]]
    for row in wrong:
        print(row, file=sys.stderr)
    QgsProject.instance().clear()
    program.exitQgis()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
