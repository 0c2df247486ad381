/* Reslice in Orthanc Explorer (legacy): thumbnail, button, measurements, and why a series is no volume.
   Orthanc appends this to /app/plugins/explorer.js. Whatever comes from a server is set as text, addresses are relative. */
(function ($) {
  'use strict';

  var LEVELS = { patient: 'patients', study: 'studies', series: 'series' };
  var MOST_ROWS = 20;
  var MOST_STUDIES = 10;
  var PRINCIPAL = { distance: 'Length', angle: 'Angle', area: 'Area', volume: 'Volume', hu: 'Value' };
  var UNITS = { mm2: 'mm\u00b2', mm3: 'mm\u00b3', cm3: 'cm\u00b3', px2: 'px\u00b2', deg: '\u00b0', '1': '' };
  var TYPES = { distance: 'Distance', angle: 'Angle', area: 'Area', volume: 'Volume', hu: 'Intensity' };
  var WITHOUT_PICTURES = ['SR', 'PR', 'KO', 'RTSTRUCT', 'RTPLAN', 'RTRECORD', 'ECG', 'REG', 'SEG', 'FID', 'DOC'];
  var MOST_AT_ONCE = 2000;
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

  /* A thumbnail where some series may have a picture: for the others the browser would log the refusal as an error. */
  function thumbnailOfSome(list, page, uuid) {
    ask(resource(page, uuid, 'series'), ['expand'], function (series) {
      var shown = $.grep(series, function (one) {
        return $.inArray(one.MainDicomTags.Modality, WITHOUT_PICTURES) === -1;
      });
      if (shown.length > 0) {
        thumbnail(list, page, uuid);
      }
    });
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
    refresh(list);
    thumbnailOfSome(list, 'patient', uuid);
    ask(resource('patient', uuid, 'studies'), ['expand'], function (studies) {
      studies.sort(function (one, other) { return dateOf(other) < dateOf(one) ? -1 : 1; });
      list.append($('<li data-role="list-divider">').text('Open in Reslice'));
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
    return told.join(', ') || 'Study without a date';
  }

  function showStudy(uuid) {
    var list = block('study', 'Reslice', interact('study'));
    opener(list, 'Open in Reslice', 'study', current, 'reslice-open');
    refresh(list);
    thumbnailOfSome(list, 'study', uuid);
    $('#reslice-measurements').remove();
    askMeasurements(uuid, 0, MOST_ROWS, function (answer) {
      if (answer.Count > MOST_ROWS) {
        askMeasurements(uuid, answer.Count - MOST_ROWS, MOST_ROWS, function (last) { showMeasurements(uuid, last); });
      } else if (answer.Count > 0) {
        showMeasurements(uuid, answer);
      }
    });
  }

  function askMeasurements(uuid, since, limit, done) {
    ask(resource('study', uuid, 'measurements'), ['since=' + since, 'limit=' + limit], done);
  }

  /* The server lists the oldest first; whoever has just measured looks for the newest. */
  function showMeasurements(uuid, answer) {
    var list = block('measurements', 'Measurements', function (node) { node.insertAfter('#list-series'); });
    row(list, $('<div>').css('overflow-x', 'auto').append(table(answer.Measurements.slice(0).reverse())));
    if (answer.Count > answer.Measurements.length) {
      row(list, rest(uuid, answer));
    }
    row(list, links(uuid));
    refresh(list);
  }

  function rest(uuid, answer) {
    var link = $('<a href="#" class="reslice-all">').text('Show all');
    link.bind('click', function () {
      askMeasurements(uuid, Math.max(0, answer.Count - MOST_AT_ONCE), MOST_AT_ONCE, function (all) {
        showMeasurements(uuid, all);
      });
      return false;
    });
    var told = 'The newest ' + answer.Measurements.length + ' of ' + answer.Count + '. ';
    return $('<p>').text(told).css({ whiteSpace: 'normal', margin: '2px 0', fontSize: '13px' }).append(link);
  }

  /* [title, what stands in a cell, how it looks]: where people write freely a line breaks, elsewhere it doesn't. */
  var FREE = { minWidth: '12em', overflowWrap: 'anywhere', textAlign: 'start' };
  var SHORT = { whiteSpace: 'nowrap' };
  var COLUMNS = [
    ['Label', function (record) { return record.Label || '\u2013'; }, FREE],
    ['Type', kindOf, SHORT],
    ['Value', valueOf, { whiteSpace: 'nowrap', textAlign: 'right', fontVariantNumeric: 'tabular-nums' }],
    ['Author', function (record) { return record.Author; }, FREE],
    ['Date', function (record) { return local(record.CreatedAt); }, SHORT]
  ];

  function table(records) {
    var made = $('<table>').css({ width: '100%', borderCollapse: 'collapse', fontSize: '13px' });
    var head = $('<tr>');
    $.each(COLUMNS, function (_, column) {
      head.append(cell('<th scope="col">', column[0], column[2]));
    });
    made.append($('<caption>').text('Measurements of this study').css({ position: 'absolute', left: '-9999px' }));
    made.append($('<thead>').append(head));
    return made.append($('<tbody>').append($.map(records, function (record) { return line(record)[0]; })));
  }

  function cell(kind, text, look) {
    return $(kind).text(text).css({ textAlign: 'left', padding: '4px 16px 4px 0', verticalAlign: 'top' }).css(look);
  }

  function line(record) {
    var made = $('<tr>').css('border-top', '1px solid #ccc');
    $.each(COLUMNS, function (_, column) {
      var told = cell('<td dir="auto">', column[1](record), column[2]);
      made.append(told.css({ fontWeight: 'normal', unicodeBidi: 'isolate' }));
    });
    made.children().last().attr('title', universal(record.CreatedAt));
    return made;
  }

  function kindOf(record) {
    var type = TYPES.hasOwnProperty(record.Type) ? TYPES[record.Type] : record.Type;
    return type + (record.Tool && record.Tool !== record.Type ? ', ' + record.Tool : '');
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

  function universal(text) {
    return (text || '').replace('T', ' ').slice(0, 16) + ' UTC';
  }

  /* The time of whoever sits before the browser. */
  function local(text) {
    var time = new Date(text);
    var two = function (part) { return (part < 10 ? '0' : '') + part; };
    if (isNaN(time)) {
      return text || '';
    }
    return [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-') +
      ' ' + two(time.getHours()) + ':' + two(time.getMinutes());
  }

  function links(uuid) {
    var made = $('<p>').text('Export: ').css({ whiteSpace: 'normal', margin: '2px 0', fontSize: '13px' });
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
    var name = $.grep([volume.Label, volume.Orientation], Boolean).join(', ');
    return name.charAt(0).toUpperCase() + name.slice(1) + ': ' + size + ' voxels of ' + spacing + ' mm';
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

  /* jQuery Mobile counts only visible rows as the first and the last, so a list filled before its page shows has none. */
  function roundCorners(page) {
    $(page).find('ul.ui-listview-inset').listview('refresh');
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
    $('#' + page).live('pageshow', function () { roundCorners(this); });
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
