/* Reslice in Orthanc Explorer (legacy): thumbnail, button, measurements, and why a series is no volume.
   Orthanc appends this to /app/plugins/explorer.js. Whatever comes from a server is set as text, addresses are relative. */
(function ($) {
  'use strict';

  var LEVELS = { patient: 'patients', study: 'studies', series: 'series' };
  var MOST_ROWS = 20;
  var MOST_STUDIES = 10;
  var PRINCIPAL = { distance: 'Length', angle: 'Angle', area: 'Area', volume: 'Volume', hu: 'Value' };
  var UNITS = { mm2: 'mm\u00b2', mm3: 'mm\u00b3', cm3: 'cm\u00b3', px2: 'px\u00b2', deg: '\u00b0', '1': '' };
  var EXPORTS = [['csv', 'CSV'], ['xlsx', 'XLSX'], ['json', 'JSON'], ['sr', 'DICOM SR']];
  var visit = 0; // an answer counts only while the page that asked is still the one that is shown
  var shown = '';

  /* The token of Orthanc's authorization plugin, as it stands in the address of the Explorer. */
  function token() {
    var found = /[?&]token=([^&#]*)/.exec(window.location.search);
    return found === null ? '' : found[1];
  }

  function address(path, query) {
    var parts = (query || []).concat(token() === '' ? [] : ['token=' + token()]);
    return '../' + path + (parts.length === 0 ? '' : '?' + parts.join('&'));
  }

  function resource(page, uuid, rest) {
    return LEVELS[page] + '/' + encodeURIComponent(uuid) + '/' + rest;
  }

  function viewer(page, uuid) {
    return address('reslice/viewer/index.html', [page + '=' + encodeURIComponent(uuid)]);
  }

  function ask(path, query, done) {
    var asked = visit;
    $.ajax({
      url: address(path, query),
      dataType: 'json',
      success: function (answer) {
        if (asked === visit) {
          done(answer);
        }
      }
    });
  }

  /* A list in the look of those beside it; what it held at the last visit goes first. */
  function block(page, title, before) {
    var list = $('<ul data-role="listview" data-inset="true" data-theme="d" data-divider-theme="c">');
    list.attr('id', 'reslice-' + page);
    $('#reslice-' + page).remove();
    list.append($('<li data-role="list-divider">').text(title));
    before(list);
    return list;
  }

  function row(list, content) {
    var item = $('<li>').css({ whiteSpace: 'normal', fontWeight: 'normal' }).append(content);
    list.append(item);
    return item;
  }

  function sentence(list, text, strong) {
    var said = $('<p>').text(text).css({ whiteSpace: 'normal', margin: '2px 0', fontSize: '13px' });
    row(list, strong ? said.css('font-weight', 'bold') : said);
  }

  /* The address is made anew at each click: the page may show another resource by then. */
  function opener(list, text, page, uuid, className) {
    var link = $('<a target="_blank" rel="noopener noreferrer external">').addClass(className).text(text);
    link.attr('href', viewer(page, uuid()));
    link.bind('click', function () {
      link.attr('href', viewer(page, uuid()));
    });
    list.append($('<li data-icon="search">').append(link.css('white-space', 'normal')));
  }

  /* Under the title; where there is no image, there is nothing. The box keeps jQuery Mobile's hands off the image. */
  function thumbnail(list, page, uuid) {
    var image = $('<img class="reslice-thumbnail">').attr('alt', 'Thumbnail of this ' + page);
    var box = $('<div>').append(page === 'patient' ? image : picture(image, page, uuid));
    var item = $('<li>').append(box).css({ textAlign: 'center', background: '#000', padding: '6px' }).hide();
    list.children().first().after(item);
    image.css({ maxWidth: '100%', maxHeight: '256px', verticalAlign: 'middle' });
    image.bind('load', function () { item.show(); });
    image.bind('error', function () { item.remove(); });
    image.attr('src', address(resource(page, uuid, 'thumbnail'), ['size=256']));
  }

  function picture(image, page, uuid) {
    var link = $('<a target="_blank" rel="noopener noreferrer external">').append(image);
    return link.attr('href', viewer(page, uuid));
  }

  function interact(page) {
    var list = $('#' + page + '-delete').closest('ul');
    return function (node) { node.insertBefore(list); };
  }

  function current() {
    return $.mobile.pageData.uuid;
  }

  function refresh(list) {
    list.listview().listview('refresh');
  }

  function showPatient(uuid) {
    var list = block('patient', 'Reslice', interact('patient'));
    thumbnail(list, 'patient', uuid);
    refresh(list);
    ask(resource('patient', uuid, 'studies'), ['expand'], function (studies) {
      studies.sort(function (one, other) { return dateOf(other) < dateOf(one) ? -1 : 1; });
      $.each(studies.slice(0, MOST_STUDIES), function (_, study) {
        opener(list, openStudy(study), 'study', function () { return study.ID; }, 'reslice-open');
      });
      if (studies.length > MOST_STUDIES) {
        sentence(list, 'and ' + (studies.length - MOST_STUDIES) + ' earlier studies');
      }
      refresh(list);
    });
  }

  function dateOf(study) {
    return (study.MainDicomTags.StudyDate || '') + (study.MainDicomTags.StudyTime || '');
  }

  function day(text) {
    return /^\d{8}$/.test(text || '') ? text.replace(/(....)(..)(..)/, '$1-$2-$3') : '';
  }

  function openStudy(study) {
    var told = $.grep([day(study.MainDicomTags.StudyDate), study.MainDicomTags.StudyDescription], Boolean);
    return 'Open in Reslice' + (told.length === 0 ? '' : ': ' + told.join(', '));
  }

  function showStudy(uuid) {
    var list = block('study', 'Reslice', interact('study'));
    thumbnail(list, 'study', uuid);
    opener(list, 'Open in Reslice', 'study', current, 'reslice-open');
    refresh(list);
    $('#reslice-measurements').remove();
    ask(resource('study', uuid, 'measurements'), ['limit=' + MOST_ROWS], function (answer) {
      if (answer.Count > 0) {
        showMeasurements(uuid, answer);
      }
    });
  }

  function showMeasurements(uuid, answer) {
    var list = block('measurements', 'Measurements', function (node) { node.insertAfter('#list-series'); });
    var more = answer.Count - answer.Measurements.length;
    row(list, table(answer.Measurements)).css('overflow-x', 'auto');
    if (more > 0) {
      sentence(list, 'and ' + more + ' more');
    }
    row(list, links(uuid));
    refresh(list);
  }

  function table(records) {
    var made = $('<table>').css({ width: '100%', borderCollapse: 'collapse', fontSize: '13px' });
    var head = $('<tr>');
    $.each(['Label', 'Type', 'Value', 'Author', 'Date'], function (_, title) {
      head.append($('<th scope="col">').text(title).css({ textAlign: 'left', padding: '4px 8px 4px 0' }));
    });
    made.append($('<caption>').text('Measurements of this study').css({ position: 'absolute', left: '-9999px' }));
    made.append($('<thead>').append(head));
    return made.append($('<tbody>').append($.map(records, function (record) { return line(record)[0]; })));
  }

  function line(record) {
    var made = $('<tr>').css('border-top', '1px solid #ccc');
    var kind = record.Type + (record.Tool && record.Tool !== record.Type ? ', ' + record.Tool : '');
    var told = [record.Label || '\u2013', kind, valueOf(record), record.Author, moment(record.CreatedAt)];
    $.each(told, function (_, text) {
      var cell = $('<td>').text(text).css({ padding: '4px 8px 4px 0', verticalAlign: 'top', fontWeight: 'normal' });
      made.append(cell.attr('dir', 'auto').css({ overflowWrap: 'anywhere', unicodeBidi: 'isolate' }));
    });
    return made;
  }

  function valueOf(record) {
    var values = record.Values || [];
    var principal = $.grep(values, function (value) { return value.Name === PRINCIPAL[record.Type]; });
    var chosen = principal.concat(values)[0];
    var stale = record.Stale ? ' (pixels have changed)' : '';
    return chosen ? number(chosen.Value) + unit(chosen.Unit) + stale : '\u2013';
  }

  function number(value) {
    var size = Math.abs(value);
    return typeof value === 'number' ? String(size >= 1000 ? Math.round(value) : Number(value.toPrecision(4))) : '\u2013';
  }

  function unit(text) {
    var told = UNITS.hasOwnProperty(text) ? UNITS[text] : text || '';
    return (told === '' || told === '\u00b0' ? '' : ' ') + told;
  }

  function moment(text) {
    return (text || '').replace('T', ' ').slice(0, 16);
  }

  function links(uuid) {
    var made = $('<p>').text('Export: ').css({ margin: '2px 0', fontSize: '13px' });
    $.each(EXPORTS, function (k, named) {
      var link = $('<a rel="external" data-ajax="false" class="reslice-export">').text(named[1]);
      link.attr('href', address(resource('study', uuid, 'measurements/export'), ['format=' + named[0]]));
      made.append(k === 0 ? '' : document.createTextNode(' \u00b7 ')).append(link);
    });
    return made;
  }

  function showSeries(uuid) {
    var list = block('series', 'Reslice', interact('series'));
    opener(list, 'Open in Reslice', 'series', current, 'reslice-open');
    refresh(list);
    ask(resource('series', uuid, 'volumes'), [], function (held) {
      if (held.Volumes.length + held.Stacks.length > 0) {
        thumbnail(list, 'series', uuid);
      }
      $.each(sentences(held), function (_, said) { sentence(list, said[0], said[1]); });
      refresh(list);
    });
  }

  /* What a series holds, in words: [text, whether it stands out]. */
  function sentences(held) {
    var told = $.map(held.Volumes, function (volume) { return [[volumeInWords(volume), false]]; });
    if (held.Volumes.length === 0) {
      told.push(["This series can't be reconstructed", true]);
    }
    $.each(held.Volumes, function (_, volume) {
      $.each(volume.Warnings || [], function (__, warning) { told.push([warning.Details, false]); });
    });
    return told.concat(reasons(held.Stacks, 'image'), reasons(held.Others, 'file'));
  }

  function volumeInWords(volume) {
    var size = volume.Shape.slice(0).reverse().join(' \u00d7 ');
    var spacing = $.map(volume.Spacing.slice(0).reverse(), number).join(' \u00d7 ');
    return (volume.Label ? volume.Label + ': ' : '') + size + ' voxels of ' + spacing + ' mm';
  }

  /* Each reason once, with how many it holds for. */
  function reasons(parts, noun) {
    var counts = {};
    var order = [];
    $.each(parts, function (_, part) {
      if (!counts.hasOwnProperty(part.Details)) {
        counts[part.Details] = 0;
        order.push(part.Details);
      }
      counts[part.Details] += part.FrameCount || 1;
    });
    return $.map(order, function (details) {
      return [[counts[details] + ' ' + noun + (counts[details] === 1 ? '' : 's') + ': ' + details, false]];
    });
  }

  var SHOW = { patient: showPatient, study: showStudy, series: showSeries };

  function show(page) {
    var uuid = current();
    visit += 1;
    shown = page + ' ' + uuid;
    $('#reslice-' + page).remove();
    if (uuid) {
      SHOW[page](uuid);
    }
  }

  /* From one study to another of the address bar no page event comes: the hash alone changes. */
  function showIfOther() {
    var data = $.mobile.pageData || {};
    if (SHOW.hasOwnProperty(data.active) && data.uuid && shown !== data.active + ' ' + data.uuid) {
      show(data.active);
    }
  }

  $.each(SHOW, function (page) {
    $('#' + page).live('pagebeforeshow', function () { show(page); });
  });
  $(document).live('pagebeforehide', function () {
    visit += 1;
    shown = '';
  });
  $(function () {
    showIfOther();
    $(window).bind('hashchange', showIfOther);
  });
}(jQuery));
